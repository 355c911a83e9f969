"""What version 0.1.0 left behind is read without a JVM: hashes, tables, records, locks."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone

import pytest

from launcher.cli.root import main
from launcher.tables.locks.file_lock import FileLock
from sparkjobs import catalogue, cli, params
from sparkjobs.prepare import prepare
from tests.data import make_one_source as one_source
from tests.data.make_v0_1_0 import BATCH, HERE, STREAMS
from tests.made_before import flags, known_hash, unpack
from tests.unit.locks.people import ANNA


@pytest.fixture
def place(tmp_path, monkeypatch):
    unpack(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def sparkjob(capfd):
    """What a command prints."""

    def run(*arguments):
        with pytest.raises(SystemExit) as exit_:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert exit_.value.code == 0, err
        return out

    return run


def test_no_path_of_the_machine_that_made_them_is_kept():
    for path in (path for here in (HERE, one_source.HERE) for path in here.rglob("*") if path.is_file()):
        assert re.findall(rb"/(?:tmp|root|home|work)/", path.read_bytes()) == [], path


@pytest.mark.parametrize("name", [*BATCH, *STREAMS])
def test_the_same_flags_are_the_same_work(place, name):
    job_name, given = flags(name, place)
    job = catalogue.get(job_name)
    run = prepare(job, params.parse(job.params, given), datetime.now(timezone.utc))
    assert run.identity.config_hash == known_hash(name, place)


@pytest.mark.parametrize("name", BATCH)
def test_an_interval_that_is_in_its_table_is_not_computed_again(place, capsys, name):
    job, given = flags(name, place)
    assert cli.main([job, *given]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["outcome"], result["rows_written"]) == ("SKIPPED", 0)
    assert {table["version"] for table in result["tables"]} == {0}


def test_tables_are_shown_and_read(place, sparkjob):
    shown = json.loads(sparkjob("table", "show", place / "lake/totals", "-o", "json"))
    assert (shown["rows"], shown["files"], shown["tags"]) == (2, 1, {"first": 0})
    (write,) = (c for c in json.loads(sparkjob("table", "history", place / "lake/totals", "-o", "json"))
                if c["operation"] == "WRITE")  # fmt: skip
    assert (write["job"], write["interval"], write["rows"]) == ("sum_by_key", "2026-01-31", 2)
    rows = json.loads(sparkjob("table", "read", place / "lake/totals", "--tag", "first", "-o", "json"))[
        "rows"
    ]
    assert {row["town"]: row["sum"] for row in rows} == {"Oslo": "4.750000000", "Rome": "2.000000000"}


def test_runs_are_listed_shown_and_their_logs_printed(place, sparkjob):
    listed = json.loads(sparkjob("runs", "-o", "json"))
    kept = sorted(path.name for path in (HERE / "state/sparkjobs/runs").iterdir())
    found = listed["runs"] if isinstance(listed, dict) else listed
    assert sorted(run["run_id"] for run in found) == kept
    assert sorted(run["state"] for run in found) == ["FAILED"] + ["SUCCEEDED"] * (len(kept) - 1)
    for run in found:
        status = json.loads(sparkjob("status", run["run_id"], "-o", "json"))
        assert (status["state"], status["job"]) == (run["state"], run["job"])
        log = sparkjob("logs", run["run_id"])
        assert log == (place / "state/sparkjobs/runs" / run["run_id"] / "log.txt").read_text()


def test_a_lock_of_before_is_taken_and_its_count_goes_on(place):
    path = place / "lake/.words.sparkjobs.lock"
    assert (place / "lake/.words.sparkjobs.token").read_text().strip() == "1"
    held = FileLock(str(place / "lake/words"), path).acquire(ANNA, lambda _: False)
    assert held.token == 2
    held.release()
