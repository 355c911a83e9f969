"""The secret comes from a file that only its owner may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.spec.cluster import Cluster
from launcher.spec.security.secret import SECRET, secret_settings
from sparkjobs.errors import EnvironmentProblem, UsageError

ON = {"spark.authenticate": "true"}


def cluster(file: Path | None) -> Cluster:
    name = str(file) if file else None
    return Cluster(name="c", manager="standalone", address="spark://h:7077", secure=True, secret_file=name)


def written(path: Path, text: str = "abc\n", mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_files_text_is_the_secret(tmp_path: Path) -> None:
    assert secret_settings(cluster(written(tmp_path / "s")), ON) == {SECRET: "abc"}


def test_nothing_is_read_where_none_is_needed(tmp_path: Path) -> None:
    missing = cluster(tmp_path / "missing")
    assert secret_settings(missing, {}) == {}
    assert secret_settings(missing, {**ON, SECRET: "mine"}) == {}
    assert secret_settings(Cluster(name="y", manager="yarn", secure=True), ON) == {}


def test_a_secure_cluster_without_a_secret_is_refused_before_spark_waits_for_it() -> None:
    with pytest.raises(UsageError, match="target c is secure and nothing tells its secret"):
        secret_settings(cluster(None), ON)


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [("abc", 0o640, "others may read it"), ("abc", 0o604, "others may read it"), (" \n", 0o600, "is empty")],
)
def test_a_file_that_keeps_no_secret_is_refused(tmp_path: Path, text: str, mode: int, message: str) -> None:
    with pytest.raises(EnvironmentProblem, match=message):
        secret_settings(cluster(written(tmp_path / "s", text, mode)), ON)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="missing"):
        secret_settings(cluster(tmp_path / "missing"), ON)
