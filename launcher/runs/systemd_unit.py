"""A systemd unit that keeps a stream running, also over a reboot. Pure.

The forms: systemd.service(5), systemd.unit(5), systemd.exec(5); quoting: systemd.syntax(7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sparkjobs.errors import UsageError

# Not tried for ever: a stream that fails at each start needs somebody to look.
_STARTS, _WITHIN = 6, "1h"
_AGAIN_AFTER_S = 30
# Beside what the run itself takes to end.
_LEAST_STOP_S = 30.0
_PLAIN = re.compile(r"[A-Za-z0-9_@:,./=+-]+")


@dataclass(frozen=True)
class Unit:
    """What a unit is made of.

    Attributes:
        name: the stream's, for people.
        command: the command line; the program by its whole path.
        folder: the working folder.
        user: who runs it; ``None``: it is a unit of a user's own manager.
        grace_s: how long the run may take to end in peace, seconds.
        variables: the environment.
    """

    name: str
    command: Sequence[str]
    folder: str
    user: str | None
    grace_s: float
    variables: Mapping[str, str] = field(default_factory=dict)


def rendered(unit: Unit) -> str:
    """The text of the unit's file.

    Raises:
        UsageError: an argument holds a line's end, which no unit can hold.
    """
    variables = [f"Environment={quoted(f'{name}={value}')}" for name, value in unit.variables.items()]
    lines = [
        "[Unit]",
        f"Description={_specifiers(unit.name)} (sparkjobs stream)",
        "Wants=network-online.target",
        "After=network-online.target",
        f"StartLimitIntervalSec={_WITHIN}",
        f"StartLimitBurst={_STARTS}",
        "",
        "[Service]",
        "Type=exec",
        *([f"User={unit.user}"] if unit.user else []),
        f"WorkingDirectory={_specifiers(unit.folder)}",
        *variables,
        f"ExecStart={' '.join(quoted(word, executable=True) for word in unit.command)}",
        "Restart=on-failure",
        f"RestartSec={_AGAIN_AFTER_S}",
        # What is wrong with the command or the checkpoint is so at the next start too.
        "RestartPreventExitStatus=2 5",
        # SIGTERM to the launcher alone: it ends the driver after its batch.
        "KillMode=mixed",
        f"TimeoutStopSec={unit.grace_s + _LEAST_STOP_S:g}",
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if unit.user else 'default.target'}",
    ]
    return "\n".join(lines) + "\n"


def quoted(word: str, *, executable: bool = False) -> str:
    """A word as one word of a unit's line.

    Args:
        word: the word.
        executable: it stands in ``ExecStart``, where ``$`` begins a variable.

    Raises:
        UsageError: it holds a control character.
    """
    if any(ord(letter) < 32 for letter in word):
        raise UsageError(f"{word!r} cannot stand in a unit", "A line's end has no place there.")
    escaped = _specifiers(word)
    if executable:
        escaped = escaped.replace("$", "$$")
    if _PLAIN.fullmatch(word):
        return escaped
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
