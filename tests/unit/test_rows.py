"""The order of the launcher's folders: each imports only from rows above it, inside functions too."""

from __future__ import annotations

from tests.unit.test_architecture import LAUNCHER, ROOT, imported

BASE = ("redact", "machine", "environment", "places")
# Each row may import from those before it. The door of the package, launcher/__init__.py, comes last.
ROWS = (
    "spec",
    "host",
    "records",
    "managers",
    "tables",
    "advice",
    "planning",
    "qualify",
    "intake",
    "runs",
    "validation",
    "report",
    "cli",
)
DOOR = len(ROWS) + 1


def row(module: str) -> int:
    """The place of a module of the launcher in the order; the base modules are 0."""
    parts = module.split(".")
    if len(parts) == 1:
        return DOOR
    return 0 if parts[1] in BASE else ROWS.index(parts[1]) + 1


def test_every_folder_has_a_row():
    folders = {path.name for path in (ROOT / "launcher").iterdir() if (path / "__init__.py").is_file()}
    assert folders == set(ROWS)
    modules = {path.stem for path in (ROOT / "launcher").glob("*.py")}
    assert modules == {*BASE, "__init__"}


def test_imports_only_point_upward():
    wrong = []
    for path in LAUNCHER:
        own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for other in imported(path):
            if other.split(".")[0] == "launcher" and row(other) > row(own):
                wrong.append(f"{own} imports {other}")
            elif other.split(".")[0] == "launcher" and row(other) == row(own) == 0 and other != own:
                wrong.append(f"{own} imports {other}, a base module like itself")
    assert wrong == []
