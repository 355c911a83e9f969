"""Which lock a table has, and that two spellings of one table have one."""

from __future__ import annotations

import os

import pytest

from launcher.tables.locks.lock_place import canonical, fault_of, lock_place, outputs_of
from sparkjobs.errors import UsageError


def place(table, url=None, multi_writer=False):
    return lock_place(canonical(table, os.path.realpath), url, multi_writer)


def test_a_local_table_has_a_file_beside_it(tmp_path):
    found = place(str(tmp_path / "lake/sales"))
    assert (found.kind, found.at) == ("file", f"{tmp_path}/lake/.sales.sparkjobs.lock")


def test_every_spelling_of_a_local_table_is_one_lock(tmp_path, monkeypatch):
    (tmp_path / "real/sales").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "table").symlink_to(tmp_path / "real/sales")
    monkeypatch.chdir(tmp_path / "real")
    spellings = [
        tmp_path / "real/sales",
        tmp_path / "link/sales",
        tmp_path / "table",
        f"file://{tmp_path}/real/sales",
        f"{tmp_path}/link/../real/./sales/",
        "sales",
    ]
    assert {place(str(spelling)) for spelling in spellings} == {place(str(tmp_path / "real/sales"))}


@pytest.mark.parametrize(
    "spelling",
    ["s3a://lake/a/sales", "s3a://lake/a/sales/", "s3a://lake//a///sales", "s3a://lake/a/x/../sales"],
)
def test_every_spelling_of_a_table_in_s3_is_one_lease(spelling):
    found = place(spelling)
    assert (found.kind, found.at) == ("s3", "s3a://lake/a/.sales.sparkjobs.lock")


@pytest.mark.parametrize("table", ["hdfs:///lake/t", "abfss://c@a.dfs.core.windows.net/t", "gs://lake/t"])
def test_other_schemes_are_refused_unless_the_profile_says_how(table):
    with pytest.raises(UsageError) as caught:
        place(table)
    assert canonical(table, str) in caught.value.message
    assert "lock:" in caught.value.hint
    assert "multi_writer: true" in caught.value.hint
    assert place(table, "redis://h:1/0").kind == "redis"
    assert place(table, multi_writer=True) is None


def test_many_writers_need_no_lock_but_on_a_local_disk():
    assert place("s3a://lake/t", multi_writer=True) is None
    assert place("/lake/t", multi_writer=True).kind == "file"


@pytest.mark.parametrize("table", ["s3a://lake", "s3a://lake/"])
def test_a_bucket_as_a_table_has_nothing_beside_it(table):
    with pytest.raises(UsageError, match="nothing beside it"):
        place(table)
    assert place(table, "redis://h:1/0").table == "s3a://lake"


@pytest.mark.parametrize(
    ("url", "kind", "start"),
    [
        ("file:///var/lock", "file", "/var/lock/t-"),
        ("s3a://locks/etl/", "s3", "s3a://locks/etl/t-"),
        ("redis://h:6379/0", "redis", "redis://h:6379/0"),
        ("rediss://h", "redis", "rediss://h"),
    ],
)
def test_the_profile_s_url_decides_over_the_scheme(url, kind, start):
    for table in ("/lake/t", "s3a://lake/t"):
        found = place(table, url)
        assert (found.kind, found.at.startswith(start)) == (kind, True)


@pytest.mark.parametrize("url", ["file:///var/lock", "s3a://locks", "redis://h/0"])
def test_tables_of_one_name_have_locks_of_their_own(url):
    tables = ["/a/t", "/b/t", "s3a://a/t", "/a/t" + "x" * 300]
    found = {(place(table, url).at, place(table, url).key) for table in tables}
    assert len(found) == len(tables)
    assert all(len(at.rpartition("/")[2]) < 100 for at, _ in found)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("redis:///0", "names no host"),
        ("s3a:///x", "names no bucket"),
        ("s3a://locks:9000/x", "AWS_ENDPOINT_URL"),
        ("file://host/var", "names no folder"),
        ("file:var", "names no folder"),
        ("memcached://h", "names no kind of lock"),
        ("/var/lock", "names no kind of lock"),
        ("redis://h:port/0", "is no URL"),
    ],
)
def test_a_wrong_url_is_refused_in_words(url, message):
    assert message in fault_of(url)
    with pytest.raises(UsageError, match="lock:"):
        place("/lake/t", url)


def test_no_password_is_shown():
    assert "hunter2" not in fault_of("memcached://:hunter2@h")


@pytest.mark.parametrize(
    ("table", "outputs"),
    [
        ("/lake/out/rows", ("/lake/out",)),
        ("/t", ()),
        ("s3a://lake/out/rows", ("s3a://lake/out",)),
        ("s3a://l/t", ()),
        ("/lake/out_quarantine", ("/lake", "/lake/out")),
        ("s3a://l/out_late", ("s3a://l/out",)),
        ("/lake/_late", ("/lake",)),
        ("/lake/late", ("/lake",)),
    ],
)
def test_the_outputs_that_a_table_may_belong_to(table, outputs):
    assert outputs_of(table) == outputs
