"""analytics against pandas on real and on made series."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from deltalake import DeltaTable

SERIES = (
    "ec2_request_latency_system_failure",
    pytest.param("nyc_taxi", marks=pytest.mark.slow),
    pytest.param("machine_temperature_system_failure", marks=pytest.mark.slow),
)


def table(path, *order):
    return DeltaTable(str(path)).to_pandas().sort_values(list(order)).reset_index(drop=True)


def close(got, expected):
    np.testing.assert_allclose(got.astype(float), expected.astype(float), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", SERIES)
def test_real_series(run_job, shared, tmp_path, name):
    path = shared / "data/nab" / f"{name}.csv"
    start, end = "2014-01-15", "2014-12-31T12:00:00"
    source = pd.read_csv(path, parse_dates=["timestamp"])
    source["timestamp"] = source["timestamp"].dt.tz_localize("UTC")
    since, until = pd.Timestamp(start, tz="UTC"), pd.Timestamp(end, tz="UTC")
    kept = source[(source.timestamp >= since) & (source.timestamp < until)]
    ran = run_job(
        "analytics", "--input", path, "--output", tmp_path / "out", "--from", start, "--to", end,
        "--window", "1 day", "--slide", "12 hours", "--quantiles", "0.1,0.9",
    )  # fmt: skip
    assert ran.code == 0, ran.result.error
    assert ran.result.rows_read == len(source)
    rows = table(tmp_path / "out/rows", "timestamp", "value")
    want = kept.sort_values(["timestamp", "value"]).reset_index(drop=True)
    assert len(rows) == len(want)
    close(rows.value, want.value)
    close(rows.score, (want.value * 10 * 2) * (want.value * 2 * 3))
    z = (want.value - want.value.mean()) / want.value.std(ddof=0)
    close(rows.z, z)
    assert (rows.outlier == (z.abs() > 3)).all()
    described = table(tmp_path / "out/describe", "column").set_index("column").loc["value"]
    close(described[["count", "mean", "stddev", "min", "q25", "median", "q75", "max"]], want.value.describe())
    groups = table(tmp_path / "out/groups", "window_start")
    assert groups["count"].sum() == 2 * len(want)
    for group in groups.iloc[:: max(1, len(groups) // 20)].itertuples():
        inside = want[(want.timestamp >= group.window_start) & (want.timestamp < group.window_end)].value
        assert group.count == len(inside)
        got = pd.Series([group.sum, group.mean, group.median, group.min, group.max, group.q_10, group.q_90])
        expected = [inside.sum(), inside.mean(), inside.median(), inside.min(), inside.max()]
        close(got, pd.Series([*expected, inside.quantile(0.1), inside.quantile(0.9)]))
        if len(inside) > 1:
            close(pd.Series([group.stddev]), pd.Series([inside.std()]))


@pytest.fixture
def sensors(tmp_path):
    path = tmp_path / "sensors.csv"
    lines = ["reading,site,when"]
    lines += [f"{10 + i % 3},a,2026-01-31 00:{i:02}:00" for i in range(30)] + ["1000,a,2026-01-31 00:30:00"]
    lines += [f"5,b,2026-01-31 00:{i:02}:00" for i in range(4)]
    lines += [f"{i},,2026-01-31 00:{i:02}:00" for i in range(3)]
    path.write_text("\n".join(lines) + "\n")
    return path


COLUMNS = ("--timestamp-column", "when", "--value-column", "reading", "--key-columns", "site")


def test_each_key_is_a_series_and_a_constant_one_has_no_score(run_job, sensors, tmp_path):
    flags = ("--input", sensors, "--output", tmp_path / "out", *COLUMNS, "--outliers", "mad", "--ddof", 1)
    ran = run_job("analytics", *flags, "--derive", "half=value/2", "--derive", "who=upper(site)")
    assert ran.code == 0, ran.result.error
    rows = table(tmp_path / "out/rows", "timestamp")
    assert list(rows.columns) == ["timestamp", "site", "value", "half", "who", "z", "outlier"]
    assert rows[rows.site == "b"].z.isna().all()
    assert not rows[rows.site == "b"].outlier.any()
    assert rows[rows.outlier].value.tolist() == [1000.0]
    own = rows[rows.site == "a"].value
    close(rows[rows.site == "a"].z, (own - own.mean()) / own.std(ddof=1))
    assert set(rows[rows.site == "a"].who) == {"A"}
    groups = table(tmp_path / "out/groups", "count").set_index("count")
    assert groups.loc[31, "site"] == "a"
    assert groups.loc[3, "site"] is None
    assert groups.loc[4, "stddev"] == 0
    described = table(tmp_path / "out/describe", "column")
    assert described["column"].tolist() == ["half", "value"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--derive", "value=1"], "--derive value: the output has a column of that name"),
        (["--derive", "VALUE=1"], "--derive VALUE: the output has a column of that name"),
        (["--derive", "Z=value"], "--derive Z: the output has a column of that name"),
        (["--derive", "a=value", "--derive", "A=value"], "--derive a is there twice"),
        (["--key-columns", "Timestamp"], "--key-columns Timestamp"),
        (["--from", "2026-W05-1"], "is not a time such as"),
        (["--derive", "x=reflect('java.lang.System', 'exit', 1)"], "'reflect' is not allowed"),
        (["--derive", "x=y+1", "--derive", "y=value"], "no column 'y'"),
        (["--derive", "x"], "is not NAME=EXPR"),
        (["--window", "1 month"], "write a length of time"),
        (["--slide", "1 hour"], "--slide needs --window"),
        (["--window", "1 hour", "--slide", "2 hours"], "is longer than --window"),
        (["--quantiles", "0.5,1.5"], "must lie between 0 and 1"),
        (["--from", "yesterday"], "is not a time such as"),
        (["--key-columns", "z"], "the output has a column of that name"),
    ],
)
def test_wrong_parameters_end_with_exit_2(run_job, shared, tmp_path, flags, message):
    path = shared / "data/nab/speed_6005.csv"
    ran = run_job("analytics", "--input", path, "--output", tmp_path / "out", *flags)
    assert ran.code == 2, ran.result
    assert message in ran.result.error.message
    assert not (tmp_path / "out").exists()


def test_a_key_with_a_name_such_as_ours_stays_a_key(run_job, tmp_path):
    source = tmp_path / "in.csv"
    source.write_text("timestamp,_window,value\n2026-01-31T00:00:00Z,a,1\n2026-01-31T00:10:00Z,b,3\n")
    flags = ("--key-columns", "_window", "--window", "1 hour", "--derive", "none")
    ran = run_job("analytics", "--input", source, "--output", tmp_path / "out", *flags)
    assert ran.code == 0, ran.result.error
    groups = table(tmp_path / "out/groups", "_window")
    assert list(zip(groups["_window"], groups["sum"], strict=True)) == [("a", 1.0), ("b", 3.0)]


def test_times_are_half_open_and_in_the_time_zone(run_job, tmp_path):
    (tmp_path / "in.csv").write_text("timestamp,value\n2026-01-31 00:00:00,1\n2026-02-01 00:00:00,2\n")
    flags = ("--timezone", "Asia/Tokyo", "--from", "2026-01-31", "--to", "2026-02-01", "--derive", "none")
    ran = run_job("analytics", "--input", tmp_path / "in.csv", "--output", tmp_path / "out", *flags)
    assert ran.code == 0, ran.result.error
    rows = table(tmp_path / "out/rows", "timestamp")
    assert rows.timestamp.tolist() == [pd.Timestamp("2026-01-30T15:00Z")]
    assert list(rows.columns) == ["timestamp", "value", "z", "outlier"]


def test_replace_replaces_the_interval_in_every_table_with_a_time(run_job, tmp_path):
    path = tmp_path / "in.csv"

    def replace_day(day, *values, column="timestamp"):
        lines = [f"{day} {hour:02}:00:00,{value}" for hour, value in enumerate(values)]
        path.write_text("\n".join(["timestamp,value", *lines]) + "\n")
        flags = ("--mode", "replace", "--interval", day, "--interval-column", column, "--window", "1 day")
        return run_job("analytics", "--input", path, "--output", tmp_path / "out", "--force", *flags)

    for day, values in (("2026-01-30", (1, 2)), ("2026-01-31", (3,)), ("2026-01-31", (4, 5))):
        ran = replace_day(day, *values)
        assert ran.code == 0, ran.result.error
    assert ran.result.warnings == ("the table describe has no time column: it is that of this run alone",)
    assert table(tmp_path / "out/rows", "timestamp").value.tolist() == [1, 2, 4, 5]
    assert table(tmp_path / "out/groups", "window_start")["sum"].tolist() == [3, 9]
    assert table(tmp_path / "out/describe", "column").set_index("column").loc["value", "count"] == 2
    wrong = replace_day("2026-01-31", 1, column="time")
    assert wrong.code == 2
    assert "no column 'time'" in wrong.result.error.message
