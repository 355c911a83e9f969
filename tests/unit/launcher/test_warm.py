"""When the class-data archive may be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from launcher.host.warm.archive import (
    FileFact,
    Start,
    additions,
    archive_path,
    base_fact,
    blocked,
    jar_facts,
)
from launcher.host.warm.using import Archive

START = Start("/jdk", "17.0.15", (FileFact("/a.jar", 1, 1), FileFact("/b.jar", 2, 2)))


def test_used_where_it_is_and_fits(tmp_path: Path) -> None:
    made = tmp_path / "a b.jsa"
    made.touch()
    assert Archive(made, blocked(START)).reason_against is None
    assert f'"-XX:SharedArchiveFile={made}"' in Archive(made, None).options


def test_not_there(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "none.jsa", None)
    assert "sparkjob warm" in (archive.reason_against or "")
    assert archive.options == ()


def test_a_folder_on_the_class_path_forbids_it(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    assert additions({}, tmp_path) == ()
    (tmp_path / "conf" / "spark-defaults.conf").touch()
    extra = additions({"HADOOP_CONF_DIR": "/etc/hadoop"}, tmp_path)
    reason = blocked(replace(START, additions=extra)) or ""
    assert "HADOOP_CONF_DIR is set" in reason
    assert f"{tmp_path / 'conf'} is not empty" in reason


def test_every_difference_makes_another_archive() -> None:
    others = [
        replace(START, java_home="/other"),
        replace(START, java_version="17.0.16"),
        replace(START, base=FileFact("/jdk/lib/server/classes.jsa", 1, 1)),
        replace(START, base=FileFact("/jdk/lib/server/classes.jsa", 1, 2)),
        replace(START, jars=START.jars[::-1]),
        replace(START, jars=START.jars[:1]),
        replace(START, jars=(FileFact("/a.jar", 1, 9), START.jars[1])),
    ]
    paths = {archive_path(Path("/cds"), start) for start in [START, *others]}
    assert len(paths) == len(others) + 1


def test_the_runs_own_jars_come_first(tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    for path in (tmp_path / "own.jar", tmp_path / "jars" / "spark.jar", tmp_path / "jars" / "note.txt"):
        path.touch()
    facts = jar_facts([tmp_path / "own.jar"], tmp_path)
    assert [Path(fact.path).name for fact in facts] == ["own.jar", "spark.jar"]


def test_java_may_come_without_an_archive_of_its_own(tmp_path: Path) -> None:
    assert base_fact(tmp_path) is None
    (tmp_path / "lib" / "server").mkdir(parents=True)
    (tmp_path / "lib" / "server" / "classes.jsa").write_bytes(b"123")
    found = base_fact(tmp_path)
    assert found is not None
    assert found.size == 3
