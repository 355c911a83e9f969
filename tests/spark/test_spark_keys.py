"""The linter's list of settings is that of the installed Spark."""

from __future__ import annotations

import runpy
from typing import Any

from tests.conftest import ROOT


def test_the_list_of_settings_is_what_spark_says(spark: Any) -> None:
    known = runpy.run_path(str(ROOT / "scripts" / "spark_keys.py"))["page"](spark).splitlines()
    listed = (ROOT / "launcher" / "lint" / "spark-keys.txt").read_text(encoding="utf-8").splitlines()
    # A session that has run knows settings of Delta as well.
    assert sorted(set(listed) - set(known)) == []
