"""Files that were read, moved out of the input, so that looking at it stays quick."""

from __future__ import annotations

import errno
import logging
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from sparkjobs import paths
from sparkjobs.errors import UsageError, WriteError
from sparkjobs.ingest.model import InputFile, displayed
from sparkjobs.ingest.storage import S3Settings, filesystem, open_bytes

log = logging.getLogger("sparkjobs")
_PIECE_BYTES = 1 << 20


def refuse_archive(archive: str, inputs: Sequence[str], *, glob: bool) -> None:
    """Refuse an archive whose files would be read again, or that cannot take the input's files. Pure.

    Raises:
        UsageError: it lies in an input, or elsewhere than the input's store; inputs are patterns, or have
            the same name.
    """
    if glob:
        raise UsageError("--archive does not go with --glob", "Name the folder whose files are moved away.")
    for place in inputs:
        if archive == place or archive.startswith(place.rstrip("/") + "/"):
            raise UsageError(
                f"--archive {archive} lies in --input {place}",
                "The stream would read its files again: name a folder outside.",
            )
        if paths.scheme_of(archive) != paths.scheme_of(place):
            raise UsageError(
                f"--archive {archive} lies in another store than --input {place}",
                "A move within one store is one step: name a folder there.",
            )
    names = [_name(place) for place in inputs]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UsageError(
            f"--archive: two inputs are named {displayed(double)}, so their files would fall together there",
            "Start a stream for each, or give their folders different names.",
        )


def target_of(file: str, inputs: Sequence[str], archive: str) -> str:
    """Where a file goes: below the archive as it lay below its input; of several, below its name. Pure."""
    for place in inputs:
        root = place.rstrip("/")
        if file.startswith(root + "/"):
            top = archive if len(inputs) == 1 else paths.child(archive, _name(root))
            return paths.child(top, file[len(root) + 1 :])
    return paths.child(archive, _name(file))


def _name(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1]


def move(files: Iterable[InputFile], inputs: Sequence[str], archive: str, s3: S3Settings) -> int:
    """Move files into the archive.

    Returns:
        How many were moved.

    Raises:
        WriteError: one cannot be moved; names it. Those that were moved stay where they are.
    """
    moved = 0
    for file in files:
        target = target_of(file.path, inputs, archive)
        try:
            _move(file.path, target, s3)
        except FileNotFoundError:
            continue  # its batch has moved it since it was listed, or somebody took it away
        except OSError as error:
            raise WriteError(
                f"{displayed(file.path)} cannot be moved to {displayed(target)}: {error}",
                "Its rows are in the tables. Mend the archive, or leave --archive out.",
            ) from error
        moved += 1
    if moved:
        log.info("moved %s files to %s", moved, archive)
    return moved


def _move(file: str, target: str, s3: S3Settings) -> None:
    if paths.is_local(file):
        source, place = Path(paths.local(file)), Path(paths.local(target))
        if place.exists() and not _same(file, target, s3):
            raise FileExistsError(f"{displayed(target)} is there already")
        place.parent.mkdir(parents=True, exist_ok=True)
        _rename(source, place)
        return
    from pyarrow import fs

    system, inside = filesystem(file, s3)
    _, place_inside = filesystem(target, s3)
    there = system.get_file_info(place_inside).type != fs.FileType.NotFound
    if there and not _same(file, target, s3):
        raise FileExistsError(f"{target} is there already")
    system.create_dir(place_inside.rsplit("/", 1)[0], recursive=True)
    system.move(inside, place_inside)


def _rename(source: Path, place: Path) -> None:
    try:
        source.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        # To another disk by a copy, which is whole under its name or not there.
        part = place.with_name(f".{place.name}.part")
        shutil.copy2(source, part)
        part.replace(place)
        source.unlink()


def _same(file: str, target: str, s3: S3Settings) -> bool:
    """Whether a file is in the archive already: a copy whose end was cut off leaves it in both places."""
    with open_bytes(file, s3) as one, open_bytes(target, s3) as other:
        while (found := one.read(_PIECE_BYTES)) == other.read(_PIECE_BYTES):
            if not found:
                return True
    return False
