"""``sparkjob run`` under nohup, with its streams closed, and with its parts killed."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.runs.processes import find
from launcher.tables.locks.file_lock import FileLock
from launcher.tables.locks.holder import this_process
from tests.cluster.running import SPARKJOB, Ended, World, until

SMALL = ("--driver-memory", "1g", "--conf", "spark.sql.shuffle.partitions=1")
WAITS = """
import pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.range(10).count()
pathlib.Path(sys.argv[1]).touch()
while not pathlib.Path(sys.argv[2]).exists():
    time.sleep(0.1)
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    (tmp_path / "tmp").mkdir()
    made.environ["TMPDIR"] = str(tmp_path / "tmp")
    return made


def shell(world: World, line: str) -> subprocess.Popen[str]:
    """A line of sh, in which ``$RUN`` is ``sparkjob run``, in a process group of its own."""
    run = shlex.join([*SPARKJOB, "run"])
    return subprocess.Popen(
        ["sh", "-c", line.replace("$RUN", run)], env=world.environ, cwd=world.folder, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def waiting(world: World, prefix: str = "") -> subprocess.Popen[str]:
    """A run whose script waits for the file ``go``."""
    script, words = world.script("waits.py", WAITS), shlex.join(SMALL)
    process = shell(world, f"{prefix} exec $RUN {script} {words} -- begun go")
    begun = world.folder / "begun"
    until(lambda: True if begun.exists() or process.poll() is not None else None, "the script")
    assert process.poll() is None, world.end(process).stderr
    return process


def left_in_tmp(world: World) -> list[str]:
    return sorted(path.name for path in (world.folder / "tmp").iterdir())


def test_a_run_under_nohup_outlives_its_terminal_in_all_its_parts(world):
    process = waiting(world, "trap '' HUP INT;")
    record = world.run().read()
    for number in (signal.SIGHUP, signal.SIGINT):
        os.killpg(process.pid, number)  # as a terminal that goes away, or ^C meant for another
        for part in (record.supervisor, record.child):
            os.kill(part.pid, number)
    # pyspark takes SIGINT for itself in a script's session (SparkContext._do_init).
    os.kill(record.driver.pid, signal.SIGHUP)
    (world.folder / "go").touch()
    done = world.end(process)
    assert (done.code, done.result["state"]) == (0, "SUCCEEDED"), done.stderr
    assert left_in_tmp(world) == []


def test_sigterm_ends_a_run_that_was_started_deaf_to_it(world):
    process = waiting(world, "trap '' HUP INT TERM;")
    process.terminate()
    done = world.end(process)
    assert (done.code, done.result["state"]) == (143, "CANCELLED")
    assert not world.left()
    assert left_in_tmp(world) == []


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&- >&- 2>&-", "| true"])
@pytest.mark.parametrize(("code", "ends"), [(0, 0), (1, 3)])
def test_closed_streams_leave_a_run_its_exit_code(world, streams, code, ends):
    script = world.script("ends.py", f"import sys\nprint('said')\nsys.exit({ends})\n")
    done = world.end(shell(world, f"( $RUN {script} -q; echo $? > code ) {streams}"))
    assert (world.folder / "code").read_text() == f"{code}\n", done
    record = world.run().read()
    assert record.exit_code == code
    assert Path(record.log).read_text().endswith("said\n")


def test_a_supervisor_that_is_killed_before_the_start_is_told_with_a_result(world):
    (world.folder / "in.csv").write_text("id,value\na,1\n")
    table = str(world.folder / "out")
    lock = FileLock(table, world.folder / ".out.sparkjobs.lock")
    held = lock.acquire(this_process("other", "other"), lambda holder: True)
    flags = ("--lock-wait", 600, "--", "--input", "in.csv", "--output", "out", "--interval", "2026-01-31")
    process = world.begin("run", "sum_by_key", *SMALL, *flags)
    try:
        record = world.record(lambda record: record.supervisor is not None, "the supervisor")
        assert record.state.value == "PLANNED"
        os.kill(record.supervisor.pid, signal.SIGKILL)
        done = world.end(process)
    finally:
        held.release()
    assert done.code == 3
    told = (done.result["state"], done.result["outcome"], done.result["error"]["class"])
    assert told == ("FAILED", "FAILED", "supervisor-killed")


@pytest.mark.parametrize("part", ["supervisor", "driver", "child", "launcher"])
def test_whatever_part_is_killed_nothing_is_left_in_the_temporary_folder(world, part):
    process = waiting(world)
    record = world.run().read()
    assert [name[:10] for name in left_in_tmp(world)] == ["sparkjobs-"]
    os.kill(getattr(record, part).pid, signal.SIGKILL)
    done = world.end(process)
    until(lambda: True if find(record.supervisor) is None else None, "the supervisor's end")
    assert left_in_tmp(world) == []
    if part in ("driver", "child"):
        assert done.result["error"]["class"] == "driver-killed"


def test_a_stop_that_needs_force_says_so(world):
    deaf = WAITS.replace("import pathlib", "import signal; signal.signal(15, signal.SIG_IGN)\nimport pathlib")
    process = shell(world, f"exec $RUN {world.script('deaf.py', deaf)} {shlex.join(SMALL)} -- begun go")
    until(lambda: True if (world.folder / "begun").exists() else None, "the script")
    process.terminate()
    done: Ended = world.end(process)
    assert done.code == 143
    assert "had to be killed after 20 s" in done.stderr
    assert "it had to be killed after 20 s" in world.run().read().because
    assert sys.platform != "linux" or not world.left()
