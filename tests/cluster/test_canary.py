"""A secret is seen nowhere: not in any command line, log, record or event log of a run."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from tests.cluster.running import World, until

CANARY = "canary-7f3a91"
SETTINGS = f"""
spark.example.password {CANARY}
spark.hadoop.fs.s3a.secret.key {CANARY}
spark.hadoop.fs.azure.account.key.lake.dfs.core.windows.net {CANARY}
spark.example.url https://me:{CANARY}@example.com/x
"""
SCRIPT = """
import pathlib, sys, time
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
assert "canary" in spark.conf.get("spark.example.password"), "the secret did not arrive"
spark.range(10).count()
pathlib.Path(sys.argv[1]).touch()
while not pathlib.Path(sys.argv[2]).exists():
    time.sleep(0.1)
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_secret_is_seen_nowhere(world):
    properties = world.folder / "own.conf"
    properties.write_text(SETTINGS)
    properties.chmod(0o600)
    begun, go = world.folder / "begun", world.folder / "go"
    script = world.script("uses.py", SCRIPT)
    flags = ("--properties-file", properties, "--driver-memory", "1g")
    process = world.begin("run", script, *flags, "--", begun, go)
    until(lambda: True if begun.exists() or process.poll() is not None else None, "the script")
    seen = [line for line in command_lines() if CANARY in line]
    go.touch()
    done = world.end(process)
    assert done.code == 0, done.stderr
    assert not seen
    assert CANARY not in done.stdout + done.stderr
    told = world.sparkjob("status", "last", "-o", "json").stdout + world.sparkjob("runs", "-o", "json").stdout
    assert CANARY not in told
    assert not [path for path in (world.folder / "state").rglob("*") if path.is_file() and holds(path)]


def test_a_dry_run_shows_no_secret(world):
    properties = world.folder / "own.conf"
    properties.write_text(SETTINGS)
    shown = world.sparkjob("run", world.script("x.py", ""), "--dry-run", "--properties-file", properties)
    assert shown.code == 0, shown.stderr
    assert "spark.example.password=***" in shown.stdout
    assert CANARY not in shown.stdout


def command_lines() -> list[str]:
    found = []
    for process in psutil.process_iter():
        try:
            found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def holds_ours(path: Path) -> bool:
    """Also an event log tells what the application itself said of a task or a job that failed."""
    if "eventlog" not in path.parts or not path.name.startswith("events_"):
        return holds(path)
    events = [json.loads(line) for line in path.read_text().split("\n") if line]
    told = {
        event["Event"] for event in events if CANARY in str(event) or CANARY.replace("-", "") in str(event)
    }
    return bool(told - {f"SparkListener{what}" for what in ("TaskEnd", "StageCompleted", "JobEnd")})


def holds(path: Path) -> bool:
    content = path.read_bytes()
    return CANARY.encode() in content or CANARY.replace("-", "").encode() in content


TOKEN = f"eyJhbGciOiJIUzI1NiJ9.{CANARY.replace('-', '')}.{CANARY.replace('-', '')}"
MANY = f"""
spark.executorEnv.DB_PASS {CANARY}
spark.executorEnv.MYPASSWD2 {CANARY}
spark.example.jdbc jdbc:sqlserver://h;user=u;Pwd={CANARY};encrypt=true
spark.example.json {{"user": "u", "password" : "a\\\\"{CANARY}"}}
spark.example.url redis://u:p@/{CANARY}@host/0
spark.example.header Bearer {TOKEN}
"""
ARGUMENTS = (
    "--db-pass", CANARY, "--pwd", CANARY, f"--jwt={TOKEN}", f'{{"db": {{"password": "{CANARY}"}}}}',
    f"redis://:{CANARY}/x@host", f"Authorization: Basic {CANARY}",
)  # fmt: skip
FAILS = f"""
import json
from pyspark.sql import SparkSession
spark = SparkSession.builder.getOrCreate()
spark.range(10).count()
def load(_):
    raise ValueError('no login: Pwd={CANARY};, ' + json.dumps({{"password": 'x"{CANARY}'}}))
spark.range(1).rdd.foreach(load)
"""


def test_what_a_failing_run_shows_of_its_secrets_is_kept_nowhere(world):
    properties = world.folder / "own.conf"
    properties.write_text(MANY)
    script = world.script("fails.py", FAILS)
    flags = ("--properties-file", properties, "--driver-memory", "1g")
    done = world.sparkjob("run", script, *flags, "--", *ARGUMENTS)
    assert done.code == 1
    assert done.result["error"]["class"] != "unknown" or "ValueError" in done.result["error"]["message"]
    told = [done.stdout.splitlines()[-1]]
    told += [world.sparkjob(*verb).stdout for verb in (("status", "last"), ("runs", "-o", "json"))]
    assert not [text for text in told if CANARY in text or CANARY.replace("-", "") in text]
    own_output = {"log.txt", "stderr.txt"}
    kept = [path for path in (world.folder / "state").rglob("*") if path.is_file()]
    assert [path.name for path in kept if path.name not in own_output and holds_ours(path)] == []
    shown = [line for line in done.stderr.splitlines() if line.startswith(("error: ", "hint: "))]
    assert shown
    assert not [line for line in shown if CANARY in line]
