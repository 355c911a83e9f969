"""Runs an acceptance case: shell commands in an empty world, every byte of the answer written down.

A case is a folder with ``script`` (one shell command a line, # for comments) and ``output.txt``. Its other
files are copied to where the commands run. The world has ``sparkjob``, a few tools, no Java, an empty home.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import launcher

REPO = Path(launcher.__file__).parents[1]
TOOLS = (
    "sh",
    "cat",
    "chmod",
    "cmp",
    "cp",
    "cut",
    "env",
    "grep",
    "head",
    "ls",
    "mkdir",
    "rm",
    "sed",
    "tail",
    "touch",
)
TIMEOUT_S = 60


def run_case(case: Path, world: Path) -> str:
    """Run the script of ``case`` in ``world`` (an empty folder); answers the text for output.txt."""
    work = world / "work"
    shutil.copytree(case, work, ignore=shutil.ignore_patterns("script", "output.txt"))
    environ = _environment(world)
    commands = (case / "script").read_text(encoding="utf-8").splitlines()
    parts = [_run(command, work, environ) for command in commands if command and not command.startswith("#")]
    return _normal("\n".join(parts), world)


def _environment(world: Path) -> dict[str, str]:
    tools = world / "bin"
    tools.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        if found:
            (tools / name).symlink_to(found)
    _write_sparkjob(tools / "sparkjob")
    (world / "home").mkdir()
    return {
        "HOME": str(world / "home"),
        "PATH": str(tools),
        "PYTHONPATH": str(REPO),
        "SPARKJOBS_JAVA_FOLDERS": "",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
    }


def _write_sparkjob(path: Path) -> None:
    # The command as installed, also where the project is not.
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from launcher.cli import main; main()" "$@"\n')
    path.chmod(0o755)


def _run(command: str, work: Path, environ: dict[str, str]) -> str:
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=work,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    errors = "".join(f"stderr: {line}\n" for line in done.stderr.splitlines())
    return f"$ {command}\n{done.stdout}{errors}[exit {done.returncode}]\n"


def _normal(text: str, world: Path) -> str:
    for path, name in ((os.path.realpath(world), "$WORLD"), (str(world), "$WORLD"), (str(REPO), "$REPO")):
        text = text.replace(path, name)
    return re.sub(r"\b3\.\d+\.\d+\b", "3.X.Y", text)
