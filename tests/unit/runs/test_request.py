"""What goes to the supervisor and to spark-submit, and what must not."""

from __future__ import annotations

import stat
from pathlib import Path

from launcher.runs.child import prepare
from launcher.runs.evidence import own_result, result_path
from launcher.runs.run_request import RunRequest, decode, encode
from launcher.runs.run_settings import run_settings, split_secrets
from launcher.spec.config.properties import read_properties
from launcher.spec.config.read_profile import read_cluster
from launcher.spec.layer import Origin
from launcher.spec.units import Seconds

ROOT = Path(__file__).parents[3]


def request(**changed) -> RunRequest:
    known = {
        "run_id": "20260131T000000Z-etl-1",
        "job": "etl",
        "is_job": False,
        "cluster": read_cluster("yarn-8", {}, ROOT),
        "deploy_mode": "client",
        "binary": "/spark/bin/spark-submit",
        "settings": {"spark.master": "yarn"},
        "main": "/app/etl.py",
        "arguments": ("a b",),
        "cwd": "/app",
    }
    return RunRequest(**{**known, **changed})


def test_a_request_comes_out_of_the_pipe_as_it_went_in():
    sent = request(timeout_s=5.0, tables=("/t",))
    data = encode(sent)
    assert b"\n" not in data
    assert decode(data) == sent


def test_secrets_go_by_a_file_that_only_the_owner_reads(tmp_path):
    secret = "a b\\c=canary"
    settings = {"spark.master": "yarn", "spark.authenticate.secret": secret, "spark.x.password": "canary2"}
    prepared = prepare(request(settings=settings), tmp_path, tmp_path, {})
    assert "canary" not in " ".join(prepared.argv)
    assert prepared.properties is not None
    assert stat.S_IMODE(prepared.properties.stat().st_mode) == 0o600
    read = read_properties(prepared.properties, "p", Origin.PROPERTIES).pins
    assert {pin.key: pin.value for pin in read} == {
        key: settings[key] for key in settings if key != "spark.master"
    }


def test_in_client_mode_the_drivers_python_is_tied_to_its_jvm(tmp_path):
    prepared = prepare(request(), tmp_path, tmp_path, {"PYSPARK_DRIVER_PYTHON": "/venv/it's/python"})
    door = Path(prepared.environ["PYSPARK_DRIVER_PYTHON"])
    assert stat.S_IMODE(door.stat().st_mode) == 0o700
    assert "'/venv/it'\\''s/python' \"$@\"" in door.read_text()
    assert "die_with_parent.py" in door.read_text()


def test_in_cluster_mode_no_path_of_this_machine_is_set(tmp_path):
    prepared = prepare(request(deploy_mode="cluster"), tmp_path, tmp_path, {"PATH": "/bin"})
    assert "PYSPARK_DRIVER_PYTHON" not in prepared.environ


def test_a_run_in_client_mode_keeps_its_event_log_unless_somebody_said_where():
    added = run_settings({"spark.master": "yarn"}, {"spark.yarn.tags": "x"}, Path("/runs/a b"), "client")
    assert added["spark.eventLog.dir"] == "file:///runs/a%20b"
    assert added["spark.yarn.tags"] == "x"
    planned = {"spark.eventLog.dir": "hdfs:///logs", "spark.eventLog.enabled": "true"}
    assert run_settings(planned, {}, Path("/runs/a"), "client")["spark.eventLog.dir"] == "hdfs:///logs"
    assert "spark.eventLog.dir" not in run_settings({}, {}, Path("/runs/a"), "cluster")


def test_the_timeout_of_a_job_file_reaches_the_supervisor():
    assert decode(encode(request(timeout_s=Seconds(8)))).timeout_s == 8


def test_names_of_secrets_are_no_secrets():
    settings = {
        "spark.hadoop.fs.s3a.aws.credentials.provider": "org.example.Provider",
        "spark.kerberos.keytab": "/etc/k",
        "spark.network.crypto.enabled": "true",
        "spark.hadoop.fs.s3a.secret.key": "x1",
    }
    shown, hidden = split_secrets(settings)
    assert list(hidden) == ["spark.hadoop.fs.s3a.secret.key"]
    assert len(shown) == 3


def test_only_the_runs_own_result_counts():
    line = '{"v": 1, "run_id": "r1", "outcome": "COMMITTED"}'
    assert (own_result(f"words\n{line}\n", "r1") or {})["outcome"] == "COMMITTED"
    assert own_result(f"{line}\nwords\n", "r1") is None
    assert own_result(line, "r2") is None
    assert own_result("[1]", "r1") is None
    assert own_result("", "r1") is None
    assert result_path("s3a://b/out/", "r1") == "s3a://b/out_result/r1.json"
