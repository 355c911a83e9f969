"""The doctor's checks on made-up machines, each ill in one way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from launcher.host.doctor.checks import examine, healthy
from launcher.host.doctor.gather_facts import platform_of, spark_version
from launcher.host.doctor.host_facts import DiskSpace, Facts, JarSetState
from launcher.host.doctor.mends import PLATFORMS
from launcher.host.java.choose_java import Choice, Java
from launcher.machine import Memory

GIB = 1024**3
WELL = Facts(
    platform="debian",
    java=Choice(Java(Path("/jdk"), "17.0.15", "PATH")),
    python=(3, 11, 7),
    venv_works=True,
    versions={"spark": "4.0.4", "delta": "4.0.1"},
    version_complaints=(),
    spark_home="/venv/pyspark",
    spark_home_version="4.0.4",
    spark_home_origin="pyspark",
    jars=(JarSetState("delta", 2, (), ()), JarSetState("s3", 1, ("s3.jar",), ())),
    jar_folder="/cache",
    memory=Memory(16 * GIB, "machine"),
    disks=(DiskSpace("the working folder", "/work", 50 * GIB),),
    hostname="box",
    hostname_error="",
)
ILLS: list[tuple[str, dict[str, Any], str]] = [
    ("java", {"java": Choice(None, ("/jdk-25 is Java 25",))}, "no Java 17 or 21"),
    ("python", {"python": (3, 9, 1)}, "3.9.1; 3.10 or later is needed"),
    ("python3-venv", {"venv_works": False}, "cannot make virtual environments"),
    ("packages", {"versions": {"delta": "4.0.1"}}, "not installed: pyspark"),
    ("packages", {"version_complaints": ("they quarrel",)}, "they quarrel"),
    ("SPARK_HOME", {"spark_home_version": ""}, "is no Spark"),
    ("SPARK_HOME", {"spark_home_version": "3.5.1"}, "is Spark 3.5.1, but pyspark is 4.0.4"),
    ("jars delta", {"jars": (JarSetState("delta", 2, ("a.jar",), ()),)}, "1 of 2 not in /cache"),
    ("jars delta", {"jars": (JarSetState("delta", 2, (), ("a.jar",)),)}, "not what the lock says: a.jar"),
    ("jars s3", {"jars": (JarSetState("s3", 2, ("a.jar",), ()),)}, "1 of 2 not in /cache"),
    ("memory", {"memory": Memory(GIB, "cgroup v2")}, "1.0 GiB (cgroup v2)"),
    ("disk", {"disks": (DiskSpace("x", "/full", GIB),)}, "1.0 GiB free"),
    ("hostname", {"hostname_error": "unknown"}, "'box' does not resolve: unknown"),
]


def test_a_well_machine() -> None:
    lines = examine(WELL)
    assert healthy(lines)
    assert {line.state for line in lines} == {"ok", "note"}


def test_jars_that_were_never_wanted_are_no_problem() -> None:
    [line] = [line for line in examine(WELL) if line.check == "jars s3"]
    assert line.state == "note"
    assert "sparkjob jars fetch s3" in line.text


@pytest.mark.parametrize(("check", "change", "expected"), ILLS)
def test_each_ill_is_one_problem_with_its_mend(check: str, change: dict[str, Any], expected: str) -> None:
    lines = examine(replace(WELL, **change))
    [problem] = [line for line in lines if line.state == "problem"]
    assert problem.check == check
    assert expected in problem.text
    assert set(problem.mend) == set(PLATFORMS)
    assert all(problem.mend.values())
    assert not healthy(lines)


def test_a_java_passed_over_is_said_and_no_problem() -> None:
    choice = replace(WELL.java, passed_over=("/jdk-25 is Java 25.0.3",))
    lines = examine(replace(WELL, java=choice))
    assert healthy(lines)
    assert any("passed over: /jdk-25" in line.text for line in lines)


@pytest.mark.parametrize(
    ("system", "os_release", "platform"),
    [
        ("darwin", "", "macos"),
        ("linux", 'ID=ubuntu\nID_LIKE="debian"\n', "debian"),
        ("linux", "NAME=x\nID=debian\n", "debian"),
        ("linux", 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ("linux", "ID=alpine\n", "other"),
    ],
)
def test_platforms(system: str, os_release: str, platform: str) -> None:
    assert platform_of(system, os_release) == platform


def test_version_of_a_spark_folder(tmp_path: Path) -> None:
    assert spark_version(tmp_path) == ""
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "spark-core_2.13-4.0.4.jar").touch()
    assert spark_version(tmp_path) == "4.0.4"
