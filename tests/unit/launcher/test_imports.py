"""The launcher starts quickly: no pyspark, no verb imported before it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import launcher
from launcher.cli.root import root
from launcher.cli.verbs import HIDDEN, VERBS

FILES = sorted(Path(launcher.__file__).parent.rglob("*.py"))


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_no_file_imports_pyspark() -> None:
    guilty = [path.name for path in FILES if any(name.split(".")[0] == "pyspark" for name in _imports(path))]
    assert guilty == []


PURE = (
    "spec", "records/history", "planning", "planning/lint", "planning/lint/rules", "planning/render",
    "planning/submit", "runs/explain", "runs/explain/families",
)  # fmt: skip
OUTSIDE = ("subprocess", "socket", "requests", "time", "os", "random")


@pytest.mark.parametrize("folder", PURE)
def test_what_decides_and_what_shows_reaches_nothing_outside(folder: str) -> None:
    files = sorted((Path(launcher.__file__).parent / folder).glob("*.py"))
    assert files
    guilty = {path.name: sorted(_imports(path) & set(OUTSIDE)) for path in files}
    assert {name: found for name, found in guilty.items() if found} == {}


def test_help_imports_no_verb() -> None:
    script = (
        "import sys\nfrom launcher.cli.root import guarded, _invoke\nguarded(lambda: _invoke(['--help']))\n"
        "heavy = {'pyspark', 'rich', 'yaml', 'msgspec', 'deltalake', 'launcher.cli.jars'}\n"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("verb", [*VERBS, *HIDDEN])
def test_every_verb_has_its_file(verb: str) -> None:
    import click

    command = root.get_command(click.Context(root), verb)  # type: ignore[attr-defined]
    assert isinstance(command, click.Command)
    assert command.name == verb
