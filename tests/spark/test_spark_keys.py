"""The linter's list of settings is that of the installed Spark, and takes what its converters take."""

from __future__ import annotations

import random
import runpy
from typing import Any

import pytest

from launcher.spec.known_keys import known
from launcher.spec.value_types import parse
from tests.conftest import ROOT

SCRIPTS = ROOT / "scripts"
SEED, KEYS_BY_LOT = 20261126, 200
TEXTS = (
    "", " ", "x", "true", "FALSE", " true ", "yes", "0", "1", "-1", "+3", " 7 ", "2147483648", "1e3",
    "1.5", "-0.5", "NaN", "Infinity", "1d", "0x10", "1_000", "4g", "4G", "4gb", "4 g", "-1g", "1.5g", "4096b",
    "9p", "9000000t", "10s", "10min", "10 s", "-5ms", "1h", "3ns", "2d", "1.5s", "4m", "100us",
    "UTC", "Mars/Base", "+7:30", "UTC+25:00", "Europe/Berlin", "[", "a(b", "snappy", "SNAPPY", "legacy",
    "9223372036854775808",
)  # fmt: skip


@pytest.fixture(scope="module")
def entries(spark: Any) -> dict[str, Any]:
    script = runpy.run_path(str(SCRIPTS / "spark_keys.py"))
    return {entry.key(): entry for entry in script["entries"](script["_Spark"](spark._jvm))}


def test_the_list_holds_every_setting_of_spark(entries: dict[str, Any]) -> None:
    # A session that has run knows settings of Delta as well.
    unknown = entries.keys() - known().names
    assert (
        sorted(key for key in unknown if not (key.startswith("spark.databricks.") or ".delta." in key)) == []
    )


def test_wrong_values_of_keys_drawn_by_lot_are_those_that_spark_refuses(entries: dict[str, Any]) -> None:
    converter = runpy.run_path(str(SCRIPTS / "probe_types.py"))["Converter"]
    lot = random.Random(SEED)
    for key in lot.sample(sorted(entries.keys() & known().types.keys()), KEYS_BY_LOT):
        reads = converter(entries[key].valueConverter())
        # What the table does not type has a form of its own.
        for text in lot.sample(TEXTS, 12):
            assert _takes(known().types[key], text) == reads.takes(text), (key, known().types[key], text)


def _takes(kind: str, text: str) -> bool:
    try:
        parse(kind, text)
    except ValueError:
        return False
    return True
