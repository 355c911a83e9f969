"""Names of a new project, put in place of the template's. Pure."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Mapping

from sparkjobs.errors import UsageError

# Names in the template, and what stands for them in a project whose job is called NAME.
TEMPLATE_JOB, TEMPLATE_PACKAGE, TEMPLATE_PROJECT = "count_by_value", "my_jobs", "my-jobs"
_TEMPLATE_NAMES = re.compile("|".join(map(re.escape, (TEMPLATE_JOB, TEMPLATE_PACKAGE, TEMPLATE_PROJECT))))
LONGEST = 60
# YAML 1.1 reads these as true, false or nothing, and a job file holds the name.
_WORDS_OF_YAML = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{LONGEST - 1}}}")


def check_name(name: str, taken: Collection[str]) -> None:
    """Refuse a name that no job can have.

    Args:
        name: name of the job; its modules and files are called after it.
        taken: names of the jobs that exist.

    Raises:
        UsageError: it is no Python name in lower case, or a job has it.
    """
    if name in taken:
        raise UsageError(
            f"a job is called {name} already", "Choose another name; 'sparkjob jobs' lists them."
        )
    if not _fits(name):
        rule = f"Write a to z, 0 to 9 and _, a letter first, at most {LONGEST}, no word of Python or YAML."
        mended = _mended(name)
        near = f"; did you mean {mended}" if _fits(mended) else ""
        raise UsageError(f"{name!r} cannot be the name of a job{near}", rule)


def scaffold(template: Mapping[str, bytes], name: str) -> dict[str, bytes]:
    """The files of a project for the job ``name``, by path.

    Args:
        template: the template's files by path, ``/`` between folders.
        name: a name that ``check_name`` takes.
    """
    renamed = {_renamed(path, name): _renamed_bytes(content, name) for path, content in template.items()}
    return dict(sorted(renamed.items()))


def _fits(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not _taken_by_a_language(name)


def _taken_by_a_language(name: str) -> bool:
    return keyword.iskeyword(name) or name in _WORDS_OF_YAML


def _renamed(text: str, name: str) -> str:
    ours = {
        TEMPLATE_JOB: name,
        TEMPLATE_PACKAGE: f"{name}_jobs",
        TEMPLATE_PROJECT: f"{name.replace('_', '-')}-jobs",
    }
    # At once: the new names may hold the old ones.
    return _TEMPLATE_NAMES.sub(lambda match: ours[match.group()], text)


def _renamed_bytes(content: bytes, name: str) -> bytes:
    return _renamed(content.decode("utf-8"), name).encode("utf-8")


def _mended(name: str) -> str:
    mended = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:LONGEST]
    return f"{mended}_job" if _taken_by_a_language(mended) else mended
