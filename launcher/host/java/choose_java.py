"""Which of the Javas found is taken, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SUPPORTED = (17, 21)
_WANTED = " or ".join(map(str, SUPPORTED))


@dataclass(frozen=True)
class Java:
    """One Java on this machine.

    Attributes:
        home: what JAVA_HOME would be.
        version: as the Java tells it, such as ``17.0.15``; empty when it tells none.
        origin: how it was found: ``JAVA_HOME``, ``PATH`` or a folder.
    """

    home: Path
    version: str
    origin: str

    @property
    def major(self) -> int | None:
        """17 of ``17.0.15``, 8 of ``1.8.0_402``; ``None`` for no version."""
        match = re.match(r"(?:1\.)?(\d+)", self.version)
        return int(match.group(1)) if match else None


@dataclass(frozen=True)
class Choice:
    """The Java taken (``None``: none fits) and each one passed over, with the reason."""

    java: Java | None
    passed_over: tuple[str, ...] = ()


def choose(found: Sequence[Java]) -> Choice:
    """Take the first Java of a supported version; those before it were asked for first."""
    taken = next((java for java in found if java.major in SUPPORTED), None)
    return Choice(taken, tuple(_reason(java) for java in found if java.major not in SUPPORTED))


def java_warnings(environ: Mapping[str, str], taken: Java) -> tuple[str, ...]:
    """What a user who set JAVA_HOME should know when another Java is taken."""
    wanted = environ.get("JAVA_HOME")
    if not wanted or taken.origin == "JAVA_HOME":
        return ()
    return (f"JAVA_HOME={wanted} holds no Java {_WANTED}; {taken.home} is taken (from {taken.origin})",)


def _reason(java: Java) -> str:
    what = f"is Java {java.version}" if java.version else "tells no version"
    return f"{java.home} (from {java.origin}) {what}; Spark 4.0 needs {_WANTED}"
