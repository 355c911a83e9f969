"""``sparkjob run`` on this machine, with what can happen to it: every end is told, nothing is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from deltalake import DeltaTable

from launcher.records.history.kept_files import read_facts
from tests.cluster.running import SPARKJOB, World, until

SLEEPS = """
import pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.range(10).count()
pathlib.Path(sys.argv[1]).touch()
time.sleep(600)
"""
SMALL = ("--driver-memory", "1g", "--conf", "spark.sql.shuffle.partitions=1")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def sleeping(world: World):
    """A run whose script has begun to sleep."""
    marker = world.folder / "marker"
    process = world.begin("run", world.script("sleeps.py", SLEEPS), *SMALL, "--", marker)
    until(lambda: True if marker.exists() or process.poll() is not None else None, "the script")
    assert process.poll() is None, world.end(process).stderr
    return process


def test_a_job_of_the_catalogue_commits_and_a_second_launch_finds_it_done(world):
    (world.folder / "in.csv").write_text("id,value\na,1\nb,2.5\na,3\n")
    flags = ("--input", "in.csv", "--output", "out", "--interval", "2026-01-31")
    done = world.sparkjob("run", "sum_by_key", *SMALL, "--", *flags)
    assert done.code == 0, done.stderr
    message = done.result
    assert (message["state"], message["outcome"], message["rows_written"]) == ("SUCCEEDED", "COMMITTED", 2)
    assert message["application_id"].startswith("local-")
    assert len(done.stdout.splitlines()) == 1
    assert message["tables"][0]["version"] == 0
    commit = DeltaTable(str(world.folder / "out")).history()[0]
    assert message["run_id"] in commit["userMetadata"]
    assert '"token": 1' in commit["userMetadata"]
    facts = read_facts(world.run())
    assert facts is not None
    assert (facts.complete, facts.lost, facts.application_id) == (True, (), message["application_id"])
    assert facts.memory is not None
    # Python workers are measured because the run asks for it.
    assert facts.memory.most.heap
    assert facts.memory.most.python_rss
    assert "<h1>sum_by_key</h1>" in world.run().report.read_text()
    again = world.sparkjob("run", "sum_by_key", *SMALL, "--skip-exit-code", 99, "--", *flags)
    assert (again.code, again.result["outcome"], again.result["exit_code"]) == (99, "SKIPPED", 99)
    assert DeltaTable(str(world.folder / "out")).version() == 0
    world.gone()


def test_a_job_that_fails_says_so_once(world):
    (world.folder / "in.csv").write_text("id,value\na,x\n")
    done = world.sparkjob("run", "sum_by_key", *SMALL, "--", "--input", "in.csv", "--output", "out")
    assert (done.code, done.result["outcome"]) == (1, "FAILED")
    error = done.result["error"]
    assert error["class"] == "BadRowsError"
    assert done.stderr.count(error["message"]) == 1
    assert done.stderr.endswith(f"error: {error['message']}\nhint: {error['hint']}\n")
    assert len(done.stdout.splitlines()) == 1


def test_a_script_that_prints_a_line_like_ours_is_passed_on(world):
    line = '{"v": 1, "job": "speaks", "run_id": "%s", "outcome": "COMMITTED"}'
    text = f"import os\nprint({line!r} % os.environ['SPARKJOBS_RUN_ID'])\nraise ValueError('boom')\n"
    done = world.sparkjob("run", world.script("speaks.py", text))
    assert done.code == 1
    assert json.loads(done.stdout.splitlines()[0])["run_id"] == done.result["run_id"]
    assert (done.result["outcome"], done.result["error"]["class"]) == ("FAILED", "ValueError")
    # Its own traceback, and the launcher's last word.
    assert done.stderr.count("Traceback") == 1
    assert done.stderr.count("boom") == 2 + done.stderr.count("raise ValueError")


def test_the_output_of_a_script_passes_byte_for_byte(world):
    script = world.script(
        "speaks.py", "import sys\nsys.stdout.buffer.write(b'\\x00\\xff no line end')\nsys.exit(3)\n"
    )
    done = subprocess.run(
        [*SPARKJOB, "run", script], env=world.environ, cwd=world.folder, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith(b"\x00\xff no line end")
    assert json.loads(done.stdout.splitlines()[-1])["driver_exit_code"] == 3


def test_sigterm_ends_the_application_and_gives_143(world):
    process = sleeping(world)
    process.send_signal(signal.SIGTERM)
    done = world.end(process)
    assert done.code == 143
    assert (done.result["state"], done.result["exit_code"]) == ("CANCELLED", 143)
    assert not world.left()


def test_interrupt_gives_130(world):
    process = sleeping(world)
    process.send_signal(signal.SIGINT)
    done = world.end(process)
    assert (done.code, done.result["state"]) == (130, "CANCELLED")
    assert not world.left()


def test_a_script_that_will_not_end_is_killed_by_the_second_interrupt(world):
    stubborn = SLEEPS.replace(
        "import pathlib", "import signal; signal.signal(15, signal.SIG_IGN)\nimport pathlib"
    )
    marker = world.folder / "marker"
    process = world.begin("run", world.script("stubborn.py", stubborn), *SMALL, "--", marker)
    until(lambda: True if marker.exists() else None, "the script")
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    done = world.end(process)
    assert done.code == 130
    assert not world.left()


def test_a_launcher_that_is_killed_leaves_nothing_and_the_record_tells(world):
    process = sleeping(world)
    process.kill()
    world.end(process)
    record = world.record(lambda record: record.state.final, "the end of the run")
    assert record.state.value == "CANCELLED"
    assert "the launcher is gone" in record.because
    facts = read_facts(world.run())
    assert facts is not None
    assert facts.tasks > 0
    assert record.warnings == ()
    world.gone()


def test_a_supervisor_that_is_killed_takes_its_tree_along_and_status_tells_the_truth(world):
    process = sleeping(world)
    supervisor = world.run().read().supervisor
    until(lambda: supervisor, "the supervisor")
    os.kill(supervisor.pid, signal.SIGKILL)
    done = world.end(process)
    assert done.code == 4
    assert done.result["state"] == "LOST"
    assert "its supervisor was killed" in done.stderr
    world.gone()
    message = world.sparkjob("status", "last", "-o", "json")
    assert '"state": "LOST"' in message.stdout


def test_a_driver_that_is_killed_is_a_failure(world):
    process = sleeping(world)
    driver = world.record(lambda record: record.driver is not None, "the driver").driver
    os.kill(driver.pid, signal.SIGKILL)
    done = world.end(process)
    assert done.code == 1
    assert done.result["state"] == "FAILED"
    assert not world.left()


def test_a_jvm_that_is_killed_leaves_no_python(world):
    process = sleeping(world)
    os.kill(world.run().read().child.pid, signal.SIGKILL)
    done = world.end(process)
    assert (done.code, done.result["driver_exit_code"]) == (1, 137)
    assert not world.left()


def test_no_wait_leaves_the_run_and_cancel_ends_it(world):
    marker = world.folder / "marker"
    script = world.script("sleeps.py", SLEEPS)
    begun = world.sparkjob("run", script, "--no-wait", *SMALL, "--", marker)
    assert begun.code == 0, begun.stderr
    run_id = begun.stdout.strip()
    until(lambda: True if marker.exists() else None, "the script")
    assert run_id in world.sparkjob("runs", "--state", "running").stdout
    done = world.sparkjob("cancel", run_id)
    assert done.code == 0, done.stdout
    assert "CANCELLED" in done.stdout
    assert not world.left()


def test_what_ends_before_a_driver_gives_3(world):
    script = world.script("never.py", "print('never')\n")
    done = world.sparkjob("run", script, "--conf", "spark.driver.extraJavaOptions=-XX:MaxRAMPercentage=x")
    assert done.code == 3
    assert done.result["state"] == "FAILED"


def test_a_table_that_another_run_writes_is_refused_with_5(world):
    (world.folder / "in.csv").write_text("id,value\na,1\n")
    (world.folder / "conf/jobs").mkdir(parents=True)
    (world.folder / "conf/jobs/sleeps.yaml").write_text(
        "script: sleeps.py\narguments: [marker]\ntables: [out]\n"
    )
    world.script("sleeps.py", SLEEPS)
    first = world.begin("run", "sleeps", *SMALL)
    until(lambda: True if (world.folder / "marker").exists() else None, "the script")
    holder = world.run().run_id
    second = world.sparkjob("run", "sum_by_key", "--", "--input", "in.csv", "--output", "out")
    assert (second.code, second.result["state"]) == (5, "REFUSED")
    error = second.result["error"]
    assert (error["class"], holder in error["message"]) == ("Locked", True)
    assert error["hint"] == f"sparkjob status {holder} tells how it stands; --lock-wait SECONDS waits for it."
    first.send_signal(signal.SIGTERM)
    assert world.end(first).code == 143


def test_the_cause_of_a_failure_stands_at_the_end(world):
    text = "from pyspark.sql import SparkSession as S\nS.builder.getOrCreate().read.text('/no/such').count()"
    done = world.sparkjob("run", world.script("fails.py", text), *SMALL)
    assert done.code == 1
    assert done.result["error"]["class"] == "path-missing"
    assert "/no/such" in done.stderr.splitlines()[-2]
    assert done.stderr.splitlines()[-1].startswith("hint: ")
    message = world.sparkjob("status", "last").stdout
    assert "path-missing" in message


def test_too_little_memory_is_tried_once_more_with_one_setting_changed_and_learned(world):
    profile = "manager: local\nconf:\n  spark.driver.memory: 600m\n"
    (world.folder / "conf/clusters").mkdir(parents=True)
    (world.folder / "conf/clusters/small.yaml").write_text(profile)
    text = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.sparkContext._gateway.new_array(spark.sparkContext._jvm.long, 60_000_000)
"""
    script = world.script("greedy.py", text)
    done = world.sparkjob("run", script, "--target", "small")
    assert done.code == 0, done.stderr
    first, second = world.run().read().attempts
    assert first.cause == "driver-heap"
    assert first.changed == ("spark.driver.memory", "600m", "900m")
    assert second.changed is None
    learned = world.sparkjob("plan", script, "--target", "small", "--explain", "spark.driver.memory").stdout
    assert "spark.driver.memory = 900m" in learned
    assert "history" in learned


DETACHES = """
import subprocess, sys
subprocess.Popen(["sleep", "600"], start_new_session=True, stdout=-3, stderr=-3)
print("done")
"""


def test_what_a_script_leaves_behind_is_ended_and_named(world):
    done = world.sparkjob("run", world.script("detaches.py", DETACHES), *SMALL)
    assert (done.code, done.result["state"]) == (0, "SUCCEEDED")
    assert "ending what the run left behind" in done.stderr
    assert " sleep" in done.stderr
    assert not world.left()


def test_a_scripts_streams_stay_apart_and_its_input_ends(world):
    text = "import sys; print('out', repr(sys.stdin.read())); print('err', file=sys.stderr)"
    done = world.sparkjob("run", world.script("streams.py", text), *SMALL)
    assert done.code == 0
    assert "out ''" in done.stdout
    assert "err" in done.stderr.splitlines()
    assert "err" not in done.stdout.splitlines()


def test_a_script_past_its_timeout_is_stopped_and_told_so(world):
    (world.folder / "conf/jobs").mkdir(parents=True, exist_ok=True)
    world.script("slow.py", "import time; time.sleep(600)")
    (world.folder / "conf/jobs/slow.yaml").write_text("script: slow.py\ntimeout: 3s\nretries: 2\n")
    done = world.sparkjob("run", "slow", *SMALL)
    assert (done.code, done.result["state"]) == (1, "FAILED")
    assert "longer than its timeout of 3 s" in done.result["error"]["message"]
    assert not world.left()


def test_what_a_script_said_before_it_failed_is_no_part_of_its_error(world):
    text = "import sys\nfor i in range(50): print('line', i)\nraise ValueError('mine')"
    done = world.sparkjob("run", world.script("fails.py", text), *SMALL)
    assert (done.code, done.result["error"]["message"]) == (1, "ValueError: mine")
