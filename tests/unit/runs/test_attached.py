"""Files that a run takes along."""

from __future__ import annotations

import pytest

from launcher.runs.referenced_files import refuse_missing_files
from sparkjobs.errors import UsageError


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.jar").touch()
    (tmp_path / "an other.jar").touch()
    return tmp_path


@pytest.mark.parametrize(
    "named",
    [
        "",
        "a.jar",
        "hdfs:///x.jar, local:/opt/y.jar",
        "lib/*.jar",
        "a.jar#alias",
        "{here}/a.jar",
        "file://{here}/a.jar",
        "file://{here}/an%20other.jar#alias",
        "file:{here}/an%20other.jar",
        "an other.jar",
    ],
)
def test_what_is_there_or_elsewhere_is_taken(folder, named):
    refuse_missing_files({"spark.jars": named.format(here=folder)}, folder)


@pytest.mark.parametrize("key", ["spark.jars", "spark.submit.pyFiles", "spark.files", "spark.archives"])
def test_what_is_missing_is_named(folder, key):
    with pytest.raises(UsageError, match=rf"{key}: there is no file b.zip#env"):
        refuse_missing_files({key: "a.jar,b.zip#env"}, folder)


@pytest.mark.parametrize("named", ["file://localhost{here}/a.jar", "file://a.jar", "file:{here}/b%20c.jar"])
def test_an_address_is_read_as_spark_reads_it(folder, named):
    with pytest.raises(UsageError, match="there is no file file:"):
        refuse_missing_files({"spark.jars": named.format(here=folder)}, folder)
