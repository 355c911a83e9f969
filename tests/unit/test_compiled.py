"""Where pyspark is taken from."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sparkjobs.compiled import prefer_compiled


@pytest.mark.parametrize(("is_package", "on_path"), [(True, True), (True, False), (False, True)])
def test_the_zips_are_dropped_only_where_the_package_can_take_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_package: bool, on_path: bool
) -> None:
    home = tmp_path / "site-packages" / "pyspark"
    home.mkdir(parents=True)
    if is_package:
        (home / "__init__.py").touch()
    zips = [str(home / "python" / "lib" / name) for name in ("pyspark.zip", "py4j-src.zip")]
    others = ["/job", *([str(home.parent)] if on_path else []), "/job/sparkjobs.zip"]
    monkeypatch.setenv("SPARK_HOME", str(home))
    monkeypatch.setattr(sys, "path", [*zips, *others])
    prefer_compiled()
    assert sys.path == (others if is_package and on_path else [*zips, *others])
