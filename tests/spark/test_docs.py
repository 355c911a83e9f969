"""The examples of the pages are run and write what the pages show; a new project works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.spark.conftest import delta_jars
from tests.spark.submitting import environment
from tests.unit.docs.pages import FOLDER, PAGES, README_ZH, ROOT, STATE, Command, agrees, commands, text_of

pytestmark = pytest.mark.process

VENV = Path(sys.prefix)
# README.zh.md has the commands of README.md, which another test holds.
RUN_PAGES = [page for page in PAGES if page != README_ZH and commands(text_of(page))]
# Plans are shown as a user without Spark defaults gets them.
PLANS_ONLY = ("plan",)
# Several starts of Spark, or long jobs: left to make test-all.
LONG = ("behaviour", "partition", "text_features", "streams", "tables")
END = "end-of-command-4f1c"
QUICK_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# No UI, few tasks, a JVM for short runs: the examples are the users', the machine is a test's.
SPARK_DEFAULTS = f"""
spark.ui.enabled false
spark.log.level ERROR
spark.sql.shuffle.partitions 2
spark.databricks.delta.snapshotPartitions 2
spark.driver.extraJavaOptions {QUICK_JVM}
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user's environment before the virtual environment is activated, with small Spark defaults."""
    delta_jars()
    if not (VENV / "bin" / "activate").is_file():
        pytest.skip("the tests do not run in a virtual environment")
    conf = tmp_path / "spark-conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(SPARK_DEFAULTS)
    found = environment()
    for name in ("SPARK_HOME", "PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"):
        found.pop(name, None)
    return {
        **found,
        "SPARK_CONF_DIR": str(conf),
        "SPARK_LAUNCHER_OPTS": QUICK_JVM,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "COLUMNS": "160",
        "TZ": "UTC",
    }


def _case(page: Path) -> Any:
    marks = [pytest.mark.slow] if page.stem in LONG else []
    return pytest.param(page, marks=marks, id=str(page.relative_to(ROOT)))


@pytest.mark.parametrize("page", [_case(page) for page in RUN_PAGES])
def test_examples(page: Path, environ: dict[str, str], tmp_path: Path) -> None:
    folder = _project(tmp_path / "try")
    if page.stem in PLANS_ONLY:
        del environ["SPARK_CONF_DIR"]
    requested = commands(text_of(page))
    done = _in_one_shell(requested, folder, environ)
    for command, written in zip(requested, _written(done.stdout, str(folder)), strict=True):
        assert agrees(command.shown, written), f"$ {command.text}\n{written}\n--- stderr ---\n{done.stderr}"


def _project(folder: Path) -> Path:
    """What the reader has: the virtual environment."""
    folder.mkdir()
    (folder / ".venv").symlink_to(VENV)
    return folder


def _in_one_shell(
    requested: list[Command], folder: Path, environ: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    script = "".join(f"{command.text}\nprintf '\\n%s\\n' {END}\n" for command in requested)
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environ, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=400, check=False,
    )  # fmt: skip


def _written(stdout: str, folder: str) -> Iterator[str]:
    *parts, _ = stdout.split(f"\n{END}\n")
    for part in parts:
        yield part.replace(folder, FOLDER).replace(str(Path(folder).parent / "state"), STATE)


SPARKJOB = [sys.executable, "-c", "from launcher.cli import main; main()"]


def test_a_new_project_installs_and_its_job_is_listed_planned_and_tested(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ = {**environ, "PYTHONPATH": str(ROOT)}
    _run([*SPARKJOB, "-C", str(tmp_path), "init", "daily_totals"], environ)
    project, site = tmp_path / "daily_totals", tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    _run([*pip, "--no-deps", "--no-build-isolation", "--target", str(site), str(project)], environ)
    elsewhere = {**environ, "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}
    listed = _run([*SPARKJOB, "jobs", "-o", "json"], elsewhere)
    assert "daily_totals" in [job["name"] for job in json.loads(listed)]
    for target in ("laptop", "mine"):
        message = _run([*SPARKJOB, "-C", str(project), "plan", "daily_totals", "--target", target], environ)
        assert message.startswith(f"daily_totals on {target}")
    assert "33 B (1 file listed)" in message
    tested = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(project / "tests")]
    assert "1 passed" in _run(tested, elsewhere)


def _run(command: list[str], environ: dict[str, str]) -> str:
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
