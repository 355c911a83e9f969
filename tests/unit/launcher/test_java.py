"""Finding a Java: the first that fits, in the order asked; the others with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.host.java.choose_java import Java, choose, java_warnings
from launcher.host.java.find import FOLDERS_VARIABLE, find


def make_java(home: Path, version: str, release: bool = True) -> Path:
    """A pretend Java that knows its version, by file or when asked."""
    (home / "bin").mkdir(parents=True)
    binary = home / "bin" / "java"
    binary.write_text(
        f'#!/bin/sh\necho "    java.home = {home}" >&2\necho "    java.version = {version}" >&2\n'
    )
    binary.chmod(0o755)
    if release:
        (home / "release").write_text(f'IMPLEMENTOR="Test"\nJAVA_VERSION="{version}"\n')
    return home


@pytest.mark.parametrize(
    ("version", "major"), [("17.0.15", 17), ("21", 21), ("1.8.0_402", 8), ("25-ea", 25), ("", None)]
)
def test_major_version(version: str, major: int | None) -> None:
    assert Java(Path("/j"), version, "PATH").major == major


def test_an_unfit_java_is_passed_over_with_a_reason() -> None:
    unfit, fit = (
        Java(Path("/jdk-25"), "25.0.3", "JAVA_HOME"),
        Java(Path("/jdk-17"), "17.0.15", "/usr/lib/jvm"),
    )
    choice = choose([unfit, fit])
    assert choice.java == fit
    assert choice.passed_over == ("/jdk-25 (from JAVA_HOME) is Java 25.0.3; Spark 4.0 needs 17 or 21",)


def test_no_java_at_all() -> None:
    assert choose([]).java is None


def test_order_is_java_home_then_path_then_folders(tmp_path: Path) -> None:
    one = make_java(tmp_path / "one", "17.0.1")
    two = make_java(tmp_path / "two", "21.0.2")
    three = make_java(tmp_path / "jvm" / "three", "17.0.3")
    environ = {
        "JAVA_HOME": str(one),
        "PATH": str(two / "bin"),
        FOLDERS_VARIABLE: str(tmp_path / "jvm" / "*"),
    }
    assert [(java.home, java.origin) for java in find(environ)] == [
        (one, "JAVA_HOME"),
        (two, "PATH"),
        (three, str(tmp_path / "jvm")),
    ]


def test_one_java_found_twice_is_listed_once(tmp_path: Path) -> None:
    home = make_java(tmp_path / "jvm" / "jdk", "17.0.1")
    (tmp_path / "jvm" / "link").symlink_to(home)
    environ = {"PATH": str(home / "bin"), FOLDERS_VARIABLE: str(tmp_path / "jvm" / "*")}
    assert [java.home for java in find(environ)] == [home]


def test_a_java_without_a_release_file_is_asked(tmp_path: Path) -> None:
    home = make_java(tmp_path / "jdk", "21.0.9", release=False)
    assert find({"JAVA_HOME": str(home), FOLDERS_VARIABLE: ""}) == (Java(home, "21.0.9", "JAVA_HOME"),)


def test_a_shim_on_the_path_tells_the_real_home(tmp_path: Path) -> None:
    home = make_java(tmp_path / "jdk", "17.0.9", release=False)
    shims = tmp_path / "shims"
    shims.mkdir()
    (shims / "java").write_text(f'#!/bin/sh\nexec {home}/bin/java "$@"\n')
    (shims / "java").chmod(0o755)
    environ = {"PATH": f"{shims}:/bin", FOLDERS_VARIABLE: ""}
    assert [java.home for java in find(environ)] == [home]


def test_a_java_home_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    choice = choose(find({"JAVA_HOME": str(tmp_path / "gone"), FOLDERS_VARIABLE: ""}))
    assert choice.java is None
    assert "tells no version" in choice.passed_over[0]


def test_a_java_home_that_was_passed_over_is_told() -> None:
    path = Java(Path("/usr/java17"), "17.0.15", "PATH")
    home = Java(Path("/opt/java21"), "21.0.1", "JAVA_HOME")
    (message,) = java_warnings({"JAVA_HOME": "/nowhere"}, path)
    assert message == "JAVA_HOME=/nowhere holds no Java 17 or 21; /usr/java17 is taken (from PATH)"
    assert java_warnings({"JAVA_HOME": "/opt/java21"}, home) == ()
    assert java_warnings({}, path) == ()
