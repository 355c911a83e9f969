"""Airflow's own operator with ``sparkjob-submit`` in the place of spark-submit, in an installed Airflow.

``SPARKJOBS_TEST_AIRFLOW`` names the Python of a virtual environment with apache-airflow 3 and
apache-airflow-providers-apache-spark.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.cluster.running import TIMEOUT_S, World, until
from tests.unit.docs.pages import ROOT, text_of

pytestmark = [pytest.mark.slow, pytest.mark.process]
SUBMIT = Path(sys.prefix) / "bin" / "sparkjob-submit"
PAGES = [ROOT / "README.md", ROOT / "docs/run.md", ROOT / "docs/plan.md"]
COUNTS = """
import sys
from pyspark.sql import SparkSession
print("counted", SparkSession.builder.getOrCreate().range(7).count(), sys.argv[1:])
"""
SLEEPS_ONCE = """
import pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
print("counted", spark.range(7).count())
mark = pathlib.Path(sys.argv[1])
if not mark.exists():
    mark.touch()
    time.sleep(600)
"""
DAG = """
from __future__ import annotations
import datetime
from airflow.sdk import DAG
{imports}
with DAG("sj", start_date=datetime.datetime(2026, 1, 1), schedule=None, catchup=False):
{tasks}
"""


class Airflow:
    """An Airflow with a database of its own, whose connection is a local master."""

    def __init__(self, python: Path, world: World) -> None:
        self._bin, self.world, self.dags = python.parent, world, world.folder / "dags"
        self.dags.mkdir()
        connection = '{"conn_type": "spark", "host": "local[1]"}'
        home = {"AIRFLOW_HOME": str(world.folder / "airflow"), "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags)}
        quiet = {"AIRFLOW__CORE__LOAD_EXAMPLES": "false", "AIRFLOW_CONN_SPARK_DEFAULT": connection}
        clean = {
            key: value for key, value in world.environ.items() if not key.startswith(("PYTHON", "VIRTUAL"))
        }
        self.environ = {**clean, **home, **quiet, "PATH": f"{self._bin}:{os.environ['PATH']}"}

    def begin(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self._bin / "airflow", *words], env=self.environ, cwd=self.world.folder, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip

    def end(self, *words: str) -> tuple[int, str]:
        process = self.begin(*words)
        output, _ = process.communicate(timeout=TIMEOUT_S)
        return process.returncode, output

    def dag(self, code: str) -> None:
        """A task as a page prints it, in a DAG."""
        imports = [line for line in code.splitlines() if re.match(r"(from|import) ", line)]
        tasks = [f"    {line}" for line in code.splitlines() if line not in imports]
        (self.dags / "sj.py").write_text(DAG.format(imports="\n".join(imports), tasks="\n".join(tasks)))


@pytest.fixture
def airflow(tmp_path: Path) -> Airflow:
    python = os.environ.get("SPARKJOBS_TEST_AIRFLOW")
    if not python or not Path(python).is_file():
        pytest.skip("no Airflow: SPARKJOBS_TEST_AIRFLOW names the Python of a virtual environment with it")
    found = Airflow(Path(python), World(tmp_path))
    code, output = found.end("db", "migrate")
    assert code == 0, output
    return found


def printed(page: Path) -> list[str]:
    """The blocks of a page that show Airflow's operator for Spark."""
    blocks = re.findall(r"```python\n(.*?)```", text_of(page), re.DOTALL)
    return [block for block in blocks if "SparkSubmitOperator(" in block]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_leaves_durable_off(page: Path) -> None:
    examples = printed(page)
    assert examples
    assert all("durable=False" in example for example in examples)


def test_the_printed_task_runs_in_the_installed_airflow(airflow: Airflow) -> None:
    script = airflow.world.script("totals.py", COUNTS)
    (example,) = printed(ROOT / "README.md")
    airflow.dag(
        example.replace("/srv/sparkjobs/.venv/bin/sparkjob-submit", str(SUBMIT)).replace(
            "/srv/etl/totals.py", str(script)
        )
    )
    code, output = airflow.end("dags", "test", "sj", "2026-01-31")
    assert code == 0, output
    assert "counted 7 ['2026-01-31']" in output
    assert airflow.world.run().read().state.value == "SUCCEEDED"


def test_a_task_that_tracks_by_itself_is_followed_to_its_end_all_the_same(airflow: Airflow) -> None:
    script = airflow.world.script("totals.py", COUNTS)
    airflow.dag(
        "from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator\n"
        f"totals = SparkSubmitOperator(task_id='totals', spark_binary={str(SUBMIT)!r}, durable=False,\n"
        f"    application={str(script)!r}, conf={{'spark.yarn.submit.waitAppCompletion': 'false'}})\n"
    )
    code, output = airflow.end("dags", "test", "sj", "2026-01-31")
    assert code == 0, output
    assert "airflow-tracking" in output
    assert "counted 7" in output


def test_a_killed_workers_application_ends_and_the_retry_submits_another(airflow: Airflow) -> None:
    world = airflow.world
    script, mark = world.script("once.py", SLEEPS_ONCE), world.folder / "mark"
    airflow.dag(
        "from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator\n"
        f"once = SparkSubmitOperator(task_id='once', spark_binary={str(SUBMIT)!r}, durable=False,\n"
        f"    application={str(script)!r}, application_args=[{str(mark)!r}])\n"
    )
    worker = airflow.begin("dags", "test", "sj", "2026-01-31")
    until(lambda: True if mark.exists() else None, "the first attempt")
    # As Airflow's kill and its timeouts do: no SIGTERM first.
    for process in [*psutil.Process(worker.pid).children(recursive=True), psutil.Process(worker.pid)]:
        if process.is_running() and _is_launcher_or_worker(process, worker.pid):
            process.send_signal(signal.SIGKILL)
    worker.communicate(timeout=TIMEOUT_S)
    world.gone()
    first = world.run()
    until(lambda: True if first.read().state.final else None, "the end of the first run")
    code, output = airflow.end("dags", "test", "sj", "2026-01-31")
    assert code == 0, output
    assert "econnect" not in output
    runs = {folder.run_id: folder.read() for folder in world.store.all()}
    states = sorted(record.state.value for record in runs.values())
    assert len(runs) == 2
    assert states[-1] == "SUCCEEDED"
    assert "SUCCEEDED" not in states[:-1]
    assert len({record.application_id for record in runs.values()}) == 2


def _is_launcher_or_worker(process: psutil.Process, worker: int) -> bool:
    try:
        return process.pid == worker or "sparkjob-submit" in " ".join(process.cmdline())
    except psutil.Error:
        return False
