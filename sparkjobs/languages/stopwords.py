"""Stop words: ours by language, and the user's own lists."""

from __future__ import annotations

from importlib import resources

from sparkjobs.ingest.parameter_files import read_parameter_file

WITH_STOP_WORDS = ("english", "chinese")


def of_language(language: str) -> frozenset[str]:
    """The stop words shipped for a language; none for ``none``."""
    if language not in WITH_STOP_WORDS:
        return frozenset()
    text = resources.files(__package__).joinpath(f"{language}.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def from_file(path: str | None) -> tuple[str, ...]:
    """The words of a user's list, sorted, each once: UTF-8, separated by white space; none without a list.

    Raises:
        UsageError: the file cannot be read or is not UTF-8.
    """
    if path is None:
        return ()
    return tuple(sorted(set(read_parameter_file("--stop-words", path).split())))
