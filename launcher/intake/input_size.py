"""How much a job of the catalogue reads, found without Spark and without reading more than footers.

The files are listed as the job itself will list them. What cannot be listed here is unknown, and says why:
a plan is made for input that only the cluster reaches as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from launcher.intake.parquet_footers import with_footers
from launcher.spec.application import InputSize
from sparkjobs import paths
from sparkjobs.errors import SparkjobsError, UsageError
from sparkjobs.ingest.flows import FILES, kind_of
from sparkjobs.ingest.listing import expand_lists, list_files
from sparkjobs.ingest.model import InputFile
from sparkjobs.ingest.storage import S3Settings

LISTED_SCHEMES = ("file", "s3a")


def input_size(
    inputs: Sequence[str], form: str, glob: bool, environ: Mapping[str, str], start: Path
) -> InputSize:
    """Bytes and files of the inputs.

    Args:
        inputs: what ``--input`` names.
        form: format of the input: text, csv, jsonl, parquet, delta.
        glob: whether patterns are expanded.
        environ: how to reach S3.
        start: absolute folder that relative paths begin at.
    """
    try:
        named = expand_lists(_lists_from(inputs, start))
        if kind_of(named) != FILES:
            return _unknown("a stream's input has no size; --input-bytes N tells that of a batch")
        places = [paths.normalise(_from(path, start)) for path in named]
        foreign = next((place for place in places if paths.scheme_of(place) not in LISTED_SCHEMES), None)
        if foreign is not None:
            scheme = paths.scheme_of(foreign)
            return _unknown(f"{scheme}:// is not listed here; --input-bytes N tells the size")
        if form == "delta":
            return _tables(places, environ)
        files = list_files(places, glob=glob, s3=S3Settings.from_environment(environ))
    except SparkjobsError as error:
        return _unknown(error.message)
    except OSError as error:  # pyarrow's own, such as no route to the store or no permission
        return _unknown(f"the input cannot be listed: {error}")
    if form != "parquet":
        return _sum(files)
    visible = _visible(files)
    return with_footers(_sum(visible), [file.path for file in visible], S3Settings.from_environment(environ))


def listed(inputs: Sequence[str], start: Path) -> tuple[str, ...]:
    """What the lists among the inputs name; nothing of one that cannot be read: the job says so.

    Args:
        inputs: what ``--input`` names.
        start: absolute folder that relative paths begin at.
    """
    found: list[str] = []
    for item in _lists_from([path for path in inputs if path.startswith("@")], start):
        with suppress(UsageError):
            found += expand_lists([item])
    return tuple(found)


def _sum(files: Sequence[InputFile]) -> InputSize:
    total = sum(file.size for file in files)
    packed = sum(file.size for file in files if file.compression is not None)
    # Each compressed file is read by one task; where they are the smaller part, the rest decides.
    splittable = packed * 2 <= total
    message = f"{_counted(len(files), 'file')} listed"
    return InputSize(total, len(files), message if splittable else f"{message}, compressed", splittable)


def _visible(files: Sequence[InputFile]) -> list[InputFile]:
    # Spark lists Parquet itself, and passes over _SUCCESS, _metadata and the like.
    return [file for file in files if not file.path.rsplit("/", 1)[-1].startswith(("_", "."))]


def _tables(places: Sequence[str], environ: Mapping[str, str]) -> InputSize:
    from sparkjobs.tables.opening import open_table, place_of

    sizes: list[int] = []
    files: list[str] = []
    for place in places:
        actions = open_table(place_of(place, environ)).get_add_actions()
        sizes += [item.as_py() for item in actions.column("size_bytes")]
        files += [_in_table(place, item.as_py()) for item in actions.column("path")]
    message = f"{_counted(len(sizes), 'data file')} in the log of {_counted(len(places), 'table')}"
    size = InputSize(sum(sizes), len(sizes), message)
    return with_footers(size, files, S3Settings.from_environment(environ))


def _in_table(place: str, path: str) -> str:
    """A data file; those of a shallow clone stand in the log with the place of the other table."""
    return path if not paths.is_bare(path) or path.startswith("/") else f"{place.rstrip('/')}/{path}"


def _from(path: str, start: Path) -> str:
    return str(start / Path(path).expanduser()) if paths.is_bare(path) and path else path


def _lists_from(inputs: Sequence[str], start: Path) -> list[str]:
    return ["@" + _from(path[1:], start) if path.startswith("@") else path for path in inputs]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _unknown(why: str) -> InputSize:
    return InputSize(None, None, why)
