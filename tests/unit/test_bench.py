"""The pure parts of the benches: order, ratios, comparison of results, slopes, memory, data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench import big, contest, growth, outcome, report
from bench.inputs import tables
from bench.model import FULL, OURS, Contestant
from bench.processes import Memory, summed
from bench.streams import flat
from bench.suites import SUITES


def query(*_: object) -> None:
    return None


def run(seconds: float, rate: float, *, same: bool | None = True) -> contest.Measured:
    return contest.Measured(seconds, seconds, rate, 2 * seconds, same)


def test_every_job_has_suites_and_ours_is_first():
    from sparkjobs import catalogue

    jobs = {suite.job for suite in SUITES.values()}
    batch = {name for name, job in catalogue.load(pytest.fail).items() if not job.streaming}
    assert batch <= jobs
    assert all(next(iter(suite.contestants)) == OURS for suite in SUITES.values())
    assert all(job.suite in SUITES for job in growth.JOBS.values())
    assert batch == growth.JOBS.keys()


def test_each_round_begins_with_another_contestant():
    assert [contest.turn("abc", number) for number in range(4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_ratios_are_paired_by_round_and_one_difference_counts():
    contestants = {name: Contestant(name, query) for name in (OURS, "duckdb")}
    measured = {
        OURS: [run(1, 100), run(4, 25), run(2, 50)],
        "duckdb": [run(3, 33), run(8, 12.5), run(2, 50, same=False)],
    }
    (found,) = contest.compare(contestants, measured)
    assert (found.query_ratio, found.process_ratio) == (2.0, 2.0)
    assert found.same_result is False
    assert report.failures([found]) == ["duckdb"]


def test_a_loss_and_a_missed_aim_are_shown():
    contestants = {OURS: Contestant(OURS, query), "spark": Contestant("spark", query, aim=1.3)}
    measured = {OURS: [run(2, 50)], "spark": [run(1, 100)]}
    shown = report.table(contestants, measured, contest.compare(contestants, measured))
    assert "| spark | 100 | 1.00 | 1.0 | 0.5 | 0.50 | 1.3 (missed) | yes |" in shown


def test_results_agree_in_any_order_and_to_the_last_digits():
    rng = np.random.default_rng(1)
    rows = pl.DataFrame({"k": [1, 2, 2, None], "x": rng.random(4), "s": ["a", "b", None, "d"]})
    shaken = rows.sample(fraction=1, shuffle=True, seed=3).with_columns(pl.col("x") * (1 + 1e-15))
    assert outcome.same_rows(rows, shaken)
    assert outcome.same_rows(rows, rows.select("s", "x", "k"))


@pytest.mark.parametrize(
    "other",
    [
        pl.DataFrame({"k": [1, 2], "x": [0.5, 0.25 + 1e-7]}),
        pl.DataFrame({"k": [1, 3], "x": [0.5, 0.25]}),
        pl.DataFrame({"k": [1, 2, 2], "x": [0.5, 0.25, 0.25]}),
        pl.DataFrame({"k": [1, 2], "y": [0.5, 0.25]}),
        pl.DataFrame({"k": [1, 2], "x": [0.5, None]}),
        pl.DataFrame({"k": [1, None], "x": [0.5, 0.25]}),
    ],
)
def test_any_difference_is_seen(other):
    assert not outcome.same_rows(pl.DataFrame({"k": [1, 2], "x": [0.5, 0.25]}), other)


def test_tables_with_maps_are_compared_entry_by_entry(tmp_path: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    def written(name, entries):
        kind = pa.map_(pa.string(), pa.float64())
        (tmp_path / name).mkdir()
        table = pa.table({"id": ["d"], "w": pa.array([entries], kind), "t": [["a", "b"]]})
        pq.write_table(table, tmp_path / name / "f.parquet")
        return tmp_path / name

    one = written("one", [("a", 1.0), ("b", 2.0)])
    turned = written("turned", [("b", 2.0), ("a", 1.0)])
    other = written("other", [("a", 1.0), ("b", 2.5)])
    assert outcome.same_tables(one, turned, {"f": ()})
    assert not outcome.same_tables(one, other, {"f": ()})
    assert outcome.same_tables(one, other, {"f": ("id", "t")})


def test_a_slope_is_the_power_of_the_growth():
    assert growth.slopes([1, 4, 16], (1, 4, 16)) == pytest.approx([1, 1])
    assert growth.slopes([1, 16, 256], (1, 4, 16)) == pytest.approx([2, 2])


def test_runs_of_a_size_give_their_median_and_the_most_memory():
    points = [
        growth.Point(times, seconds, seconds, Memory(1, seconds, 3))
        for times in growth.TIMES
        for seconds in (5.0, 1.0, 2.0)
    ]
    assert growth.medians(points)[0] == growth.Point(1, 2.0, 2.0, Memory(1, 5.0, 3))


def test_memory_tells_the_jvm_from_the_largest_worker():
    parts = [("python", 50.0), ("java", 900.0), ("python", 80.0), ("python", 70.0)]
    assert summed(parts) == Memory(900, 80, 1100)
    assert Memory(1, 5, 6).most(Memory(2, 3, 7)) == Memory(2, 5, 7)


def test_a_big_file_is_the_header_and_the_rows_repeated(tmp_path: Path):
    (tmp_path / "piece.csv").write_text("a,b\n1,2\n3,4\n")
    big.repeated(tmp_path / "piece.csv", 20, tmp_path / "big.csv")
    assert (tmp_path / "big.csv").read_text() == "a,b\n" + "1,2\n3,4\n" * 2


def test_the_results_tell_when_and_where(tmp_path: Path):
    report.write(tmp_path, "x", "## X\n", {"runs": []})
    text = (tmp_path / "x.md").read_text()
    assert "Measured 20" in text
    assert "pyspark 4" in text


@pytest.mark.parametrize("make", [tables.pairs, tables.series, tables.events, tables.groups])
def test_data_is_the_same_each_time(make):
    one, other = (make(np.random.default_rng([2, 0]), 500, 1000, 0) for _ in range(2))
    assert one.equals(other)
    assert one.num_rows == 500


def test_another_part_has_other_users_and_later_times():
    first, second = (tables.events(np.random.default_rng(2), 500, 1000, part) for part in (0, 1))
    assert not {*first["user"].to_pylist()} & {*second["user"].to_pylist()}
    assert max(first["time"].to_pylist()) < min(second["time"].to_pylist())


def test_text_of_a_table_holds_its_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import json

    from bench.inputs import folder

    monkeypatch.setattr(folder, "FOLDER", tmp_path)
    lines = tables.csv(tables.events, 300).read_text().splitlines()
    quoted = tables.csv(tables.events, 300, quoted=True).read_text().splitlines()
    objects = [json.loads(line) for line in tables.jsonl(tables.events, 300).read_text().splitlines()]
    assert lines[0] == quoted[0] == "user,time,kind,item,amount"
    assert quoted[1].replace('"', "") == lines[1]
    assert quoted[1].count('"') == 10
    assert ",".join(str(value) for value in objects[0].values()).rstrip("0") == lines[1].rstrip("0")
    assert len(lines) == len(objects) + 1 == 301


def test_sizes_keep_what_is_promised():
    assert FULL.rows >= 10_000_000
    assert FULL.text_rows >= 5_000_000
    assert FULL.rounds >= 3
    assert replace(FULL, rounds=1) != FULL


def test_a_small_text_is_about_as_large_as_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from bench.inputs import folder, text

    monkeypatch.setattr(folder, "FOLDER", tmp_path)
    made = text.text_file(50_000, 500)
    assert 50_000 <= made.stat().st_size < 100_000
    assert len({word.strip(".,;'-").lower() for word in made.read_text().split()}) > 300


def test_whether_a_stream_is_flat_is_told_by_two_medians():
    seconds = [9.0] * 100 + [1.0] * 200 + [5.0] * 1500 + [1.1] * 199
    found = flat.medians(seconds, flat.EARLY, flat.LATE)
    assert (found.early_s, found.late_s, found.ratio) == (1.0, 1.1, 1.1)
    assert [line.count(",") for case in flat.CASES.values() for line in [next(case.lines(3))]] == [2, 1]
    assert list(flat.CASES["windows"].lines(7)) == list(flat.CASES["windows"].lines(7))
