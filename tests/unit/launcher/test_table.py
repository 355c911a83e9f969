"""sparkjob table on tables that delta-rs made: facts, tags, restore, vacuum, optimize."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake

from launcher.cli.root import main

OLD_S = 400 * 3600


@pytest.fixture
def call(capsys):
    """``sparkjob table ...``: exit code, stdout, stderr."""

    def run(*arguments):
        with pytest.raises(SystemExit) as exit_:
            main(["table", *map(str, arguments)])
        out, err = capsys.readouterr()
        return exit_.value.code, out, err

    return run


@pytest.fixture
def facts(call):
    """The JSON answer of a verb that must succeed."""

    def run(*arguments):
        code, out, err = call(*arguments, "-o", "json")
        assert code == 0, err
        return json.loads(out)

    return run


def commit(path, values, mode="append", **metadata):
    carried = CommitProperties(custom_metadata={"userMetadata": json.dumps(metadata)}) if metadata else None
    data = pa.table({"v": pa.array(values, pa.int64()), "p": [f"p{v % 2}" for v in values]})
    write_deltalake(str(path), data, mode=mode, commit_properties=carried)


@pytest.fixture
def table(tmp_path):
    """Version 0 holds 0, 1; version 1 adds 2; version 2 overwrites with 7, 8, 9."""
    path = tmp_path / "t"
    commit(path, [0, 1])
    commit(path, [2], run_id="r1", job="load", interval="2026-01-31")
    commit(path, [7, 8, 9], mode="overwrite")
    return path.rename(tmp_path / "a b \u00e9")


def values(path, **options):
    return sorted(DeltaTable(str(path), **options).to_pyarrow_table()["v"].to_pylist())


def test_facts_of_every_version(facts, table):
    newest = facts("show", table)
    assert (newest["version"], newest["rows"], newest["files"]) == (2, 3, 1)
    on_disk = {file.name: file.stat().st_size for file in table.glob("*.parquet")}
    files = facts("files", table)["files"]
    assert newest["bytes"] == on_disk[files[0]["name"]] == files[0]["bytes"]
    assert [(c["name"], c["type"]) for c in newest["columns"]] == [("v", "long"), ("p", "string")]
    assert (
        facts("show", table, "--version", 1)["rows"],
        len(facts("files", table, "--version", 1)["files"]),
    ) == (3, 2)
    rows = facts("read", table, "--version", 1, "--columns", "v")
    assert sorted(row["v"] for row in rows["rows"]) == [0, 1, 2]
    limited = facts("read", table, "--limit", 2)
    assert (len(limited["rows"]), limited["more"]) == (2, True)
    history = facts("history", table)
    assert [(c["version"], c["job"], c["run_id"]) for c in history] == [
        (2, None, None),
        (1, "load", "r1"),
        (0, None, None),
    ]
    assert history[1]["rows"] == 1
    assert len(facts("history", table, "--limit", 1)) == 1


def test_a_table_may_stand_below_any_name_but_those_that_delta_rs_misreads(facts, call, table):
    for name in ("a[1]", "b{x}*", "c:d=e&f~", "f'g\"h", "100%"):
        table = table.rename(table.with_name(name))
        assert facts("show", table)["rows"] == 3
        facts("tag", table, "now", "--version", 2)
        facts("restore", table, "--tag", "now")
        assert facts("optimize", table)["files_removed"] == 0
        assert facts("vacuum", table)["files"] == []
    for name in ("x%20y", "x\\y", "x#y", "x?y"):
        table = table.rename(table.with_name(name))
        assert call("show", table)[0] == 2


def test_a_version_is_found_by_time(facts, call, table):
    stamps = {}
    for number in range(3):
        log = table / "_delta_log" / f"{number:020}.json"
        moment = datetime(2026, 1, 10 + number, tzinfo=timezone.utc)
        rewrite(
            log,
            lambda action, at=moment: action["commitInfo"].update(timestamp=int(at.timestamp() * 1000)),
            "commitInfo",
        )
        os.utime(log, (moment.timestamp(), moment.timestamp()))
        stamps[number] = moment
    assert facts("show", table, "--as-of", "2026-01-11T12:00:00Z")["version"] == 1
    assert facts("show", table, "--as-of", "2026-01-11")["version"] == 1
    assert facts("show", table, "--as-of", "2026-01-12T00:59:00+01:00")["version"] == 1
    code, _, err = call("show", table, "--as-of", "2026-01-09")
    assert (code, "no version that old" in err) == (2, True)
    assert call("show", table, "--as-of", "yesterday")[0] == 2


def rewrite(log: Path, change, kind):
    actions = [json.loads(line) for line in log.read_text().splitlines()]
    for action in actions:
        if kind in action:
            change(action)
    log.write_text("".join(json.dumps(action) + "\n" for action in actions))


def test_tags_name_versions_and_restores_keep_them(facts, call, table):
    assert facts("tag", table, "month-end", "--version", 1)["changed"]
    assert not facts("tag", table, "month-end", "--version", 1)["changed"]
    facts("tag", table, "now")
    assert facts("show", table)["tags"] == {"month-end": 1, "now": 3}
    assert DeltaTable(str(table)).metadata().configuration["sparkjobs.tag.month-end"] == "1"
    code, _, err = call("tag", table, "month-end", "--version", 0)
    assert (code, "names version 1" in err) == (2, True)
    assert facts("tag", table, "now", "--version", 0, "--move")["tagged_version"] == 0
    restored = facts("restore", table, "--tag", "month-end")
    assert restored["restored_version"] == 1
    assert (
        values(table)
        == [0, 1, 2]
        == sorted(r["v"] for r in facts("read", table, "--tag", "month-end")["rows"])
    )
    assert facts("show", table)["tags"] == {"month-end": 1, "now": 0}
    by = [(c["operation"], c["job"]) for c in facts("history", table, "--limit", 2)]
    assert by == [("SET TBLPROPERTIES", "table_restore"), ("RESTORE", "table_restore")]


def test_tags_survive_a_restore_that_is_cut_off(facts, table, monkeypatch):
    from launcher.tables import changes

    facts("tag", table, "keep", "--version", 1)

    def cut_off(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(changes, "set_properties", cut_off)
        with pytest.raises(SystemExit):
            main(["table", "restore", str(table), "--version", "0"])
    assert "sparkjobs.tag.keep" not in DeltaTable(str(table)).metadata().configuration
    assert facts("show", table)["tags"] == {"keep": 1}
    commit(table, [5])
    facts("tag", table, "more")
    assert facts("show", table)["tags"].keys() == {"keep", "more"}
    assert DeltaTable(str(table)).metadata().configuration["sparkjobs.tag.keep"] == "1"


def age(table: Path) -> None:
    """Make all that was ever written to a table, and deleted from it, 400 hours old."""
    past = time.time() - OLD_S
    for file in [*table.glob("**/*.parquet"), *table.glob("_delta_log/*.json")]:
        os.utime(file, (past, past))
    for log in table.glob("_delta_log/*.json"):
        rewrite(log, lambda a: a["remove"].update(deletionTimestamp=int(past * 1000)), "remove")
        os.utime(log, (past, past))


def test_vacuum_deletes_only_what_no_kept_version_needs(facts, call, table):
    names = {v: {f["name"] for f in facts("files", table, "--version", v)["files"]} for v in range(3)}
    (table / "part-orphan.parquet").write_bytes(b"left by a killed run")
    age(table)
    (table / "part-young.parquet").write_bytes(b"being written")
    commit(table, [10], mode="overwrite")  # a deletion of just now
    facts("tag", table, "first", "--version", 0)
    dry = facts("vacuum", table)
    wanted = (names[1] - names[0]) | {"part-orphan.parquet"}
    assert {file["name"] for file in dry["files"]} == wanted
    assert dry["bytes"] == sum((table / name).stat().st_size for name in wanted)
    assert not dry["executed"]
    assert all((table / name).exists() for name in wanted)
    done = facts("vacuum", table, "--yes")
    assert done["executed"]
    assert not any((table / name).exists() for name in wanted)
    assert (table / "part-young.parquet").exists()
    assert [values(table, version=v) for v in (0, 2, 3)] == [[0, 1], [7, 8, 9], [10]]
    assert facts("vacuum", table)["files"] == []
    code, _, err = call("restore", table, "--version", 1)
    assert code == 1
    assert "version 1 of" in err
    assert (names[1] - names[0]).pop() in err
    assert call("tag", table, "gone", "--version", 1)[0] == 1
    facts("restore", table, "--tag", "first")
    assert values(table) == [0, 1]


def test_vacuum_takes_nothing_but_the_tables_own_files(facts, tmp_path):
    table = tmp_path / "v"
    for value in range(3):
        commit(table, [value], mode="overwrite")
    commit(table / "north", [1])
    write_deltalake(str(table / "p=x y"), pa.table({"v": [1]}))
    (table / "p=old").mkdir()
    others = [
        "cp/metadata",
        "cp/offsets/0",
        "cp/part-1",
        "cp/state/0/part-2",
        "notes.txt",
        "part-list.csv",
        "a/b.parquet",
        "export/part-00000-0f4ab7b0-3f6a-4b8e-8f1b-4a9f8b1fd0aa-c000.snappy.parquet",
        "p=old/export/part-00000",
    ]
    left = [
        "part-00000-dead-c000.snappy.parquet",
        "p=old/part-1.parquet",
        "p=a b/part-2.c000.parquet",
        "part-killed",
    ]
    for name in others + left:
        (table / name).parent.mkdir(parents=True, exist_ok=True)
        (table / name).write_bytes(b"x")
    for file in table.rglob("*"):
        if file.is_file():
            os.utime(file, (time.time() - OLD_S,) * 2)
    age(table)
    own = {f["name"] for v in range(3) for f in facts("files", table, "--version", v)["files"]}
    newest = {f["name"] for f in facts("files", table)["files"]}
    found = {file["name"] for file in facts("vacuum", table)["files"]}
    assert found == own - newest | set(left)
    kept = {file for file in table.rglob("*") if file.is_file()} - {table / name for name in found}
    done = facts("vacuum", table, "--yes")
    assert {file["name"] for file in done["files"]} == found
    assert {file for file in table.rglob("*") if file.is_file()} >= kept
    assert not any((table / name).exists() for name in found)
    assert (values(table / "north"), values(table / "p=x y"), values(table)) == ([1], [1], [2])
    assert facts("vacuum", table)["files"] == []


def test_vacuum_of_nothing_but_what_killed_runs_left_needs_no_commit(facts, tmp_path):
    commit(tmp_path / "t", [1])
    (tmp_path / "t" / "part-00000-dead-c000.snappy.parquet").write_bytes(b"x")
    age(tmp_path / "t")
    done = facts("vacuum", tmp_path / "t", "--yes")
    assert (len(done["files"]), done["version"]) == (1, 0)
    assert not (tmp_path / "t" / "part-00000-dead-c000.snappy.parquet").exists()
    assert values(tmp_path / "t") == [1]


def test_vacuum_of_a_partitioned_table(facts, tmp_path):
    data = pa.table({"p": ["x y", "a/b", None], "v": [1, 2, 3]})
    for _ in range(2):
        write_deltalake(str(tmp_path / "t"), data, partition_by=["p"], mode="overwrite")
    age(tmp_path / "t")
    assert len(facts("vacuum", tmp_path / "t", "--yes")["files"]) == 3
    assert values(tmp_path / "t") == [1, 2, 3]
    assert len(list((tmp_path / "t").rglob("*.parquet"))) == 3


def test_vacuum_keeps_its_distance(call, table):
    for hours in ("0", "167"):
        code, _, err = call("vacuum", table, "--retain-hours", hours, "--yes")
        assert (code, "At least 168" in err) == (2, True)
    DeltaTable(str(table)).alter.set_table_properties(
        {"delta.deletedFileRetentionDuration": "interval 30 days"}
    )
    code, _, err = call("vacuum", table, "--retain-hours", "168")
    assert (code, "At least 720" in err) == (2, True)


def test_vacuum_deletes_nothing_when_a_tag_cannot_be_read(facts, call, table):
    facts("tag", table, "lost", "--version", 0)
    DeltaTable(str(table)).create_checkpoint()
    for number in range(2):
        (table / "_delta_log" / f"{number:020}.json").unlink()
    age(table)
    before = sorted(table.glob("*.parquet"))
    code, _, err = call("vacuum", table, "--yes")
    assert code == 1
    assert "the tag 'lost'" in err
    assert sorted(table.glob("*.parquet")) == before


def test_optimize_keeps_the_rows(facts, tmp_path):
    for value in range(5):
        commit(tmp_path / "t", [value])
    done = facts("optimize", tmp_path / "t")
    assert (done["files_removed"], done["files_added"]) == (5, 1)
    assert values(tmp_path / "t") == [0, 1, 2, 3, 4]
    assert facts("history", tmp_path / "t", "--limit", 1)[0]["job"] == "table_optimize"
    again = facts("optimize", tmp_path / "t")
    assert (again["version"], again["files_removed"]) == (done["version"], 0)


def test_partitions_and_odd_values_are_shown(facts, call, tmp_path):
    data = pa.table(
        {
            "p": ["x y", "a/b", None],
            "t": pa.array([datetime(2026, 1, 31, tzinfo=timezone.utc)] * 3, pa.timestamp("us", "UTC")),
            "d": pa.array([1, 2, None], pa.decimal128(10, 2)),
            "n": [{"a": [1, 2]}, {"a": []}, None],
            "f": [float("nan"), 1.5, None],
            'q"uote': [b"\x00\xff", b"", None],
        }
    )
    write_deltalake(str(tmp_path / "t"), data, partition_by=["p"])
    files = facts("files", tmp_path / "t")["files"]
    assert {file["partition"]["p"] for file in files} == {"x y", "a/b", None}
    rows = {row["p"]: row for row in facts("read", tmp_path / "t")["rows"]}
    assert rows["x y"] == {
        "p": "x y",
        "t": "2026-01-31T00:00:00+00:00",
        "d": "1.00",
        "n": {"a": [1, 2]},
        "f": "nan",
        'q"uote': "00ff",
    }
    assert rows[None]["n"] is None
    for verb in ("show", "files", "read", "history"):
        assert call(verb, tmp_path / "t")[0] == 0
    facts("tag", tmp_path / "t", "first")
    write_deltalake(str(tmp_path / "t"), data, mode="overwrite")
    facts("restore", tmp_path / "t", "--tag", "first")


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (("show", "{}x"), 2, "is not a Delta table"),
        (("show", "{}/_delta_log"), 2, "is not a Delta table"),
        (("show", "{}", "--version", "9"), 1, "has no version 9"),
        (("show", "{}", "--tag", "t"), 2, "has no tag 't'"),
        (("show", "{}", "--tag", "t", "--version", "1"), 2, "exclude one another"),
        (("read", "{}", "--columns", "nope"), 2, "no column 'nope'"),
        (("tag", "{}", "a b"), 2, "not a name for a tag"),
        (("tag", "{}", "t", "--version", "9"), 1, "has no version 9"),
        (("restore", "{}"), 2, "name the version"),
        (("restore", "{}", "--version", "9"), 1, "has no version 9"),
        (("show", "s3://bucket/t"), 2, "s3a://bucket/t"),
        (("show", "hdfs://host/t"), 2, "Spark only"),
        (("show", "{}%20x"), 2, "%20"),
        (("show", "{}\\x"), 2, "\\"),
    ],
)
def test_what_cannot_be_done_is_told(call, table, arguments, code, expected):
    found, out, err = call(*[argument.replace("{}", str(table)) for argument in arguments])
    assert (found, out) == (code, "")
    assert expected in err
    assert DeltaTable(str(table)).version() == 2


@pytest.mark.parametrize("verb", [("tag", "x"), ("restore", "--version", "0"), ("vacuum",), ("optimize",)])
def test_features_that_delta_rs_does_not_write_are_refused_by_name(call, table, verb):
    log = table / "_delta_log" / f"{3:020}.json"
    features = {"readerFeatures": ["deletionVectors"], "writerFeatures": ["deletionVectors", "rowTracking"]}
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, **features}
    log.write_text(json.dumps({"protocol": protocol}) + "\n")
    code, _, err = call(verb[0], table, *verb[1:])
    assert code == 1
    assert "deletionVectors, rowTracking" in err
    assert not (table / "_delta_log" / f"{4:020}.json").exists()


def test_facts_come_without_a_jvm_or_heavy_imports(table):
    import subprocess

    code = (
        "import sys; from launcher.cli.root import _invoke; "
        f"_invoke(['table', 'show', {str(table)!r}]); "
        "print({'pyspark', 'pandas', 'numpy', 'pyarrow', 'boto3'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
