"""The table of versions: the shipped rows say what they should, patterns mean what the file explains."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.host.compatibility import TABLE_NAME, VersionSet, read_table
from launcher.host.patterns import matches
from launcher.places import SHIPPED
from sparkjobs.errors import UsageError

TABLE = read_table(SHIPPED / TABLE_NAME)


@pytest.mark.parametrize("entry", TABLE.sets, ids=lambda entry: entry.name)
def test_every_known_set_is_accepted(entry: object) -> None:
    versions = {part: getattr(entry, part) for part in ("spark", "delta", "rapids") if getattr(entry, part)}
    assert TABLE.complaints(versions) == []


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ({"spark": "4.0.4", "delta": "4.0.0"}, "REORG"),
        ({"spark": "4.1.2", "delta": "4.2.0"}, "needs Delta 4.3"),
        ({"spark": "4.3.0", "delta": "4.4.1"}, "no Delta runs on Spark 4.3.0"),
        ({"spark": "4.0.4", "delta": "4.4.1", "rapids": "26.08.1"}, "RAPIDS does not know Delta 4.4"),
        ({"spark": "4.0.5", "rapids": "26.08.1"}, "has none for this one"),
        ({"spark": "4.0.4", "delta": "4.0.1", "rapids": "26.08.1", "comet": "1.0.0"}, "shuffle manager"),
        ({"spark": "4.0.3", "delta": "4.0.1"}, "the nearest that works is Spark 4.0.4 with Delta 4.0.1"),
    ],
)
def test_refusals(versions: dict[str, str], expected: str) -> None:
    complaints = TABLE.complaints(versions)
    assert any(expected in complaint for complaint in complaints), complaints


@pytest.mark.parametrize("entry", TABLE.sets, ids=lambda entry: entry.name)
def test_every_part_of_a_known_set_fits_the_others(entry: VersionSet) -> None:
    parts = ("spark", "scala", "delta", "rapids", "comet", "hadoop_aws", "kafka")
    versions = {part: version for part in parts if (version := getattr(entry, part))}
    versions |= {"java": str(entry.java[-1]), "python": "3.11"}
    if entry.rapids:
        del versions["comet"]  # a set holds both, a run one of them
    assert TABLE.complaints(versions) == []
    suffixed = TABLE.delta_artifact(entry.delta, entry.spark, entry.scala)
    assert entry.delta_artifact == f"io.delta:{suffixed}"


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ({"spark": "4.1.0", "rapids": "26.08.1"}, "not for Spark 4.1.0"),
        ({"spark": "3.5.2", "delta": "3.3.2", "rapids": "26.08.1"}, "not for Spark 3.5.2 and Delta 3.3.2"),
        ({"spark": "4.0.4", "delta": "3.3.2"}, "Delta 3.3.2 is made for Spark 3.5.x, not for Spark 4.0.4"),
        ({"spark": "4.0.4", "scala": "2.12"}, "made for Scala 2.13"),
        ({"spark": "4.0.4", "java": "11"}, "made for Java from 17 to 21"),
        ({"spark": "3.5.9", "java": "21"}, "made for Java from 8 to 17"),
        ({"spark": "4.0.4", "python": "3.8"}, "made for Python from 3.9"),
        ({"spark": "4.0.4", "hadoop_aws": "3.3.4"}, "made for hadoop-aws 3.4.1"),
    ],
)
def test_bounds(versions: dict[str, str], expected: str) -> None:
    assert [complaint for complaint in TABLE.refusals(versions) if expected in complaint]


@pytest.mark.parametrize(
    ("versions", "name"),
    [
        ({"spark": "3.5.1", "delta": "3.2.0"}, "gpu-conservative"),
        ({"spark": "3.4.0", "delta": "2.4.0"}, "gpu-conservative"),
        ({"spark": "4.1.0", "delta": "4.4.1"}, "latest-delta"),
        ({"spark": "4.0.5", "rapids": "26.08.1"}, "default"),
        ({"delta": "4.4.1", "rapids": "26.08.1"}, "default"),
        ({}, "default"),
    ],
)
def test_the_nearest_set(versions: dict[str, str], name: str) -> None:
    assert TABLE.nearest(versions).endswith(f"({name})")


def test_versions_stay_text(tmp_path: Path) -> None:
    path = tmp_path / "table.yaml"
    path.write_text('sets: []\nrefused: [{spark: 4.10, reason: "as text"}]\n')
    assert read_table(path).refused[0].spark == "4.10"


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "table.yaml"
    path.write_text("sets: []\nrefused: []\nsurprise: 1\n")
    with pytest.raises(UsageError, match="surprise"):
        read_table(path)


@pytest.mark.parametrize(
    ("pattern", "version", "expected"),
    [
        ("*", "1", True),
        ("4.4.*", "4.4.1", True),
        ("4.4.*", "4.40.1", False),
        ("<4.3", "4.2.9", True),
        ("<4.3", "4.3.0", False),
        (">=4.1.2", "4.1.10", True),
        (">=4.0.1 <4.1", "4.1.0", False),
        ("4.0.5", "4.0.5", True),
    ],
)
def test_patterns(pattern: str, version: str, expected: bool) -> None:
    assert matches(pattern, version) is expected


VERSIONS = st.lists(st.integers(0, 99), min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))


@given(VERSIONS, VERSIONS)
def test_below_and_at_least_exclude_each_other(bound: str, version: str) -> None:
    assert matches(f"<{bound}", version) != matches(f">={bound}", version)
