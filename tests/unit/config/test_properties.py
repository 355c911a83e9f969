"""Properties files as Java and Spark read them. Expected values were checked against java.util.Properties."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.spec.config.properties import Properties, gather_properties, parse_properties
from launcher.spec.layer import Origin, resolve
from tests.unit.config.reading import refused


def parsed(text: str) -> Properties:
    return parse_properties(text, "f.conf", Origin.DEFAULTS)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("spark.a 1", "spark.a", "1"),
        ("  spark.a\t=  1  ", "spark.a", "1"),
        ("spark.a:1", "spark.a", "1"),
        ("spark.a = = 1", "spark.a", "= 1"),
        ("spark.a", "spark.a", ""),
        ("spark.a -Da=b -Dc=d", "spark.a", "-Da=b -Dc=d"),
        ("spark.a 1 # not a comment", "spark.a", "1 # not a comment"),
        ("spark.a one \\\n   two", "spark.a", "one two"),
        ("spark.a one\\\n#two", "spark.a", "one#two"),
        ("spark.a one\\\\", "spark.a", "one\\"),
        ("spark.a one\\", "spark.a", "one"),
        ("spark.a\\ b 1", "spark.a b", "1"),
        ("spark.a \\u0041\\t\\n", "spark.a", "A\t\n"),
        ("spark.a \\", "spark.a", ""),
        ("spark.\\a C:\\dir", "spark.a", "C:dir"),
        ("\\\n! x\r\nspark.a 1\r\n", "spark.a", "1"),
        ("spark.a grün\u2028x", "spark.a", "grün\u2028x"),
    ],
)
def test_a_property_is_read_as_java_reads_it(text, key, value):
    assert [(pin.key, pin.value) for pin in parsed(text).pins] == [(key, value)]


def test_every_pin_has_its_line_and_the_last_of_a_key_decides():
    found = parsed("# c\n\nspark.a 1\n! c\nspark.b \\\n 2\nspark.a 3\nhadoop.x 1\n")
    assert [(pin.key, pin.place) for pin in found.pins] == [
        ("spark.a", "f.conf:3"), ("spark.b", "f.conf:5"), ("spark.a", "f.conf:7")
    ]  # fmt: skip
    assert found.ignored == ("f.conf:8: hadoop.x",)
    assert resolve(found.pins)["spark.a"].value == "3"


def test_a_broken_escape_is_refused_with_its_line():
    assert refused(parsed, "spark.a 1\nspark.b \\u12\n") == "f.conf:2: '\\\\u' is no escape"


WORDS = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20)


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" if ord(c) < 0x80 and not c.isalnum() else c for c in text)


@given(st.dictionaries(WORDS, WORDS, max_size=5))
def test_what_is_written_with_escapes_is_read_back_but_for_trimming(settings):
    text = "\n".join(f"spark.{escaped(key)}={escaped(value)}" for key, value in settings.items())
    blank = "".join(map(chr, (*range(10), 11, 12, *range(14, 33))))
    assert {pin.key: pin.value for pin in parsed(text).pins} == {
        f"spark.{key}": value.strip(blank) for key, value in settings.items()
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "spark-defaults.conf").write_text("spark.a defaults\nspark.d 1\n")
    (tmp_path / "mine.conf").write_text("spark.a mine\n")
    return tmp_path


def gathered(home: Path, file: str | None, load: bool) -> dict[str, str]:
    found = gather_properties({"SPARK_HOME": str(home)}, file, load, home)
    return {key: f"{pin.value} ({pin.origin.value})" for key, pin in resolve(found.pins).items()}


def test_a_properties_file_takes_the_place_of_spark_defaults_unless_both_are_asked_for(home: Path):
    assert gathered(home, None, False) == {
        "spark.a": "defaults (spark-defaults)",
        "spark.d": "1 (spark-defaults)",
    }
    assert gathered(home, "mine.conf", False) == {"spark.a": "mine (properties file)"}
    assert gathered(home, "mine.conf", True) == {
        "spark.a": "mine (properties file)", "spark.d": "1 (spark-defaults)"
    }  # fmt: skip


def test_spark_conf_dir_goes_before_spark_home_and_may_be_empty(home: Path):
    other = home / "other"
    other.mkdir()
    assert (
        gather_properties({"SPARK_HOME": str(home), "SPARK_CONF_DIR": str(other)}, None, False, home).pins
        == ()
    )
    assert gather_properties({"SPARK_HOME": str(home), "SPARK_CONF_DIR": ""}, None, False, home).pins
    assert gather_properties({}, None, False, home) == Properties()


def test_a_file_that_cannot_be_read_is_named(home: Path):
    assert refused(gathered, home, "nix.conf", False) == "nix.conf: No such file or directory"
    (home / "bad.conf").write_bytes(b"spark.a \xff")
    assert refused(gathered, home, "bad.conf", False) == "bad.conf is not UTF-8 text"
