"""Column mappings that come with sparkjobs: ``NAME.json`` in this folder, also inside the packaged zip."""

from __future__ import annotations

from importlib import resources


def names() -> tuple[str, ...]:
    """The shipped mappings."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".json")))


def text(name: str) -> str:
    """The JSON of a shipped mapping."""
    return resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
