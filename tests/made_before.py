"""What version 0.1.0 made (``tests/data/v0.1.0``), put into a folder as if it had been made there."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.data.make_v0_1_0 import BATCH, HERE, STREAMS

HOST = "host-of-before"


def unpack(place: Path, here: Path = HERE) -> None:
    """Copy the data and fill the placeholders in: paths of this place, and the hashes that depend on it."""
    names = (path.stem for path in (here / "hashes").iterdir())
    words = {
        "@PLACE@": str(place),
        "@HOME@": "/opt/sparkjobs",
        "@USER@": "/home/user",
        "@HOST@": HOST,
        **{f"@HASH:{name}@": known_hash(name, place, here) for name in names},
    }
    for source in (path for path in here.rglob("*") if path.is_file()):
        data = source.read_bytes()
        for word, value in words.items() if source.suffix != ".parquet" else ():
            data = data.replace(word.encode(), value.encode())
        target = place / source.relative_to(here)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def known_hash(name: str, place: Path, here: Path = HERE) -> str:
    """The config hash that it would give in this place: that of the text that it hashed."""
    text = (here / "hashes" / f"{name}.json").read_text().replace("@PLACE@", str(place))
    return hashlib.sha256(text.encode()).hexdigest()


def flags(name: str, place: Path) -> tuple[str, list[str]]:
    """The job and the flags by which 0.1.0 made a table or a stream."""
    job, *rest = (BATCH | STREAMS)[name]
    return job, [str(place / item) if item.startswith(("in/", "lake/")) else item for item in rest]
