"""Files, scans and broadcasts that cost time, and those that do not."""

from __future__ import annotations

from dataclasses import replace

from launcher.report.findings.all_findings import findings
from launcher.report.sql.queries import Broadcast, Queries, Scan, Write
from launcher.report.view.run_view import RunView
from tests.unit.report.made import even, executor, found, stage, task, trace

FOUR = [executor(n) for n in range(4)]


def test_small_files() -> None:
    write = Write(0, "Execute InsertIntoHadoopFsRelationCommand", 400, 400 << 20, (0,))
    loss = found(even(), Queries(writes=(write,)))["small-files"]
    # 4 files of 128 MiB would do; 396 cost 30 ms each on four slots.
    assert loss.seconds_lost == 3.0
    assert "400 files of 1 MiB" in loss.message
    good = replace(write, size=400 << 30)
    assert "small-files" not in found(even(), Queries(writes=(good,)))


def test_small_files_without_an_operator_that_tells() -> None:
    rows = [task(n, n % 4, n // 4, n // 4 + 1, written_bytes=1000) for n in range(400)]
    loss = found(trace([stage(0, *rows, name="save at x.py:3")], FOUR, 100))["small-files"]
    assert "400 files of 1000 B" in loss.message
    assert "save at x.py:3" in loss.message
    assert loss.keys[0] == "spark.sql.shuffle.partitions"
    made = trace([stage(0, *rows, name="saveAsTextFile at x.py:3")], FOUR, 100)
    of_rdds = replace(made, jobs=tuple(replace(job, execution=None) for job in made.jobs))
    alone = found(of_rdds)["small-files"]
    assert alone.keys == ()
    assert alone.fix == "1 would do: coalesce or repartition before the write."


def scan(**more: object) -> Scan:
    parts: dict[str, object] = {
        "execution": 0, "name": "Scan parquet sales", "rows": 1_000_000, "kept": 10_000,
        "filtered_by": "Filter (day = 3)", "files": 10, "size": 1 << 30, "partitioned": False,
        "pruned": False, "stages": (0,),
    }  # fmt: skip
    return Scan(**{**parts, **more})  # type: ignore[arg-type]


def test_a_full_scan() -> None:
    loss = found(even(), Queries(scans=(scan(),)))["full-scan"]
    # 1 GiB at 100 MB/s on four slots, of which 99 % were dropped.
    assert loss.seconds_lost == 2.7
    assert (
        "Scan parquet sales read 1,000,000 rows (1 GiB) of which Filter (day = 3) kept 10,000" in loss.message
    )
    assert "sort the table" in loss.fix
    assert (
        "partition columns themselves"
        in found(even(), Queries(scans=(scan(partitioned=True),)))["full-scan"].fix
    )
    for kept in (None, 900_000):
        assert "full-scan" not in found(even(), Queries(scans=(scan(kept=kept),)))
    # A stage took no longer for it than it took.
    assert found(even(), Queries(scans=(scan(size=100 << 30),)))["full-scan"].seconds_lost == 9.9


def test_a_setting_is_named_where_it_was_switched_off() -> None:
    told = Queries(scans=(scan(),))
    assert found(even(), told)["full-scan"].keys == ()
    off = {"spark.sql.parquet.filterPushdown": "false"}
    loss = found(replace(even(), conf=off), told)["full-scan"]
    assert loss.keys == ("spark.sql.parquet.filterPushdown",)
    assert loss.fix.startswith("Set spark.sql.parquet.filterPushdown=true")
    assert "sort the table" in loss.fix
    csv = Queries(scans=(scan(name="Scan csv sales"),))
    assert found(replace(even(), conf=off), csv)["full-scan"].keys == ()


def test_pruning_is_named_for_a_table_with_partitions_that_no_filter_chose_among() -> None:
    off = replace(even(), conf={"spark.sql.optimizer.dynamicPartitionPruning.enabled": "false"})
    for partitioned, pruned, keys in (
        (True, False, ("spark.sql.optimizer.dynamicPartitionPruning.enabled",)),
        (True, True, ()),
        (False, False, ()),
    ):
        told = Queries(scans=(scan(partitioned=partitioned, pruned=pruned),))
        assert found(off, told)["full-scan"].keys == keys


def test_a_scan_that_is_soon_read_is_no_finding() -> None:
    def lost(**more: object) -> bool:
        return "full-scan" in found(even(100.0), Queries(scans=(scan(kept=5, **more),)))

    assert not lost(size=15 << 20)
    assert not lost(size=None, rows=999_999)
    assert lost(size=None)


def test_scans_of_one_stage_share_its_time() -> None:
    big, small = (
        scan(size=300 << 30, name="Scan parquet big"),
        scan(size=100 << 30, name="Scan parquet small"),
    )
    losses = findings(RunView(even(), Queries(scans=(big, small))))
    assert [one.seconds_lost for one in losses if one.id == "full-scan"] == [7.4, 2.5]
    unknown = (replace(big, size=None), replace(small, kept=None))
    assert found(even(), Queries(scans=unknown))["full-scan"].seconds_lost == 5.0


def test_a_big_broadcast() -> None:
    big = Broadcast(0, "Scan parquet customers", 300 << 20, 5_000_000, 2000, 1000, 500)
    loss = found(even(), Queries(broadcasts=(big,)))["big-broadcast"]
    # Collecting spans the work of what is below it.
    assert loss.seconds_lost == 1.5
    assert "300 MiB (5,000,000 rows of Scan parquet customers)" in loss.message
    assert "big-broadcast" not in found(even(), Queries(broadcasts=(replace(big, size=8 << 20),)))
    # A threshold that lets it through is why, and no excuse.
    asked = replace(even(), conf={"spark.sql.autoBroadcastJoinThreshold": "1g"})
    assert "big-broadcast" in found(asked, Queries(broadcasts=(big,)))
    # However little it cost: the next one may not fit.
    soon = replace(big, build_ms=10, send_ms=10)
    assert found(even(), Queries(broadcasts=(soon,)))["big-broadcast"].seconds_lost == 0.0
