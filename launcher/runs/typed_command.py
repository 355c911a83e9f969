"""The command that somebody typed, so that it can be typed again. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from launcher.redact import masked_argv

_ENV = "--env"


def typed_command(folder: str, arguments: Sequence[str]) -> str:
    """A command line for a shell, without the values of variables and secrets.

    Args:
        folder: where it was typed.
        arguments: what stood behind ``sparkjob``.
    """
    shown = masked_argv(_without_values(arguments))
    return f"cd {shlex.quote(folder)} && {shlex.join(['sparkjob', *shown])}"


def _without_values(arguments: Sequence[str]) -> Iterator[str]:
    """``--env NAME=VALUE`` becomes ``--env NAME``, which takes the value from the environment."""
    follows, ours = False, True
    for argument in arguments:
        ours = ours and argument != "--"  # behind it stands what the job takes
        if ours and (follows or argument.startswith(_ENV + "=")):
            name = argument if follows else argument.removeprefix(_ENV + "=")
            bare = name.partition("=")[0]
            yield bare if follows else f"{_ENV}={bare}"
        else:
            yield argument
        follows = ours and argument == _ENV
