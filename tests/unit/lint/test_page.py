"""docs/linter.md says what the rules and the table of versions say."""

from __future__ import annotations

from launcher.planning.lint.check import RULES
from launcher.spec.known_keys import DEAD, known
from tests.unit.docs.pages import DOCS, rows, text_of
from tests.unit.lint.case import TABLE

PAGE = next(text_of(page) for page in DOCS if page.name == "linter.md")
SETS = (
    "set",
    "Spark",
    "Scala",
    "Java",
    "Python",
    "Delta",
    "RAPIDS",
    "Comet",
    "hadoop-aws",
    "Kafka connector",
)


def test_the_page_names_every_rule_in_its_own_words() -> None:
    message = [tuple(cells) for cells in rows(PAGE, ("rule", "severity", "finds", "what to do"))]
    assert message == [(rule.id, rule.severity, rule.summary, rule.remedy) for rule in RULES]


def test_the_page_tells_how_many_settings_have_a_type() -> None:
    rapids = {key for key in known().names if key.startswith("spark.rapids.")}
    typed = known().types.keys()
    plain = known().names - typed - known().renamed.keys() - known().removed.keys() - DEAD.keys()
    assert f"type of {len(typed - rapids):,} settings of Spark and {len(typed & rapids)} of RAPIDS" in PAGE
    assert f"{len(plain - rapids)} settings of Spark and {len(plain & rapids)} of RAPIDS that take" in PAGE


def test_the_page_names_every_set_of_versions() -> None:
    message = {cells[0]: cells[1:] for cells in rows(PAGE, SETS)}
    assert message == {
        entry.name: [
            entry.spark,
            entry.scala,
            ", ".join(map(str, entry.java)),
            entry.python,
            f"{entry.delta_artifact}:{entry.delta}",
            entry.rapids or "none",
            entry.comet or "none",
            entry.hadoop_aws,
            entry.kafka,
        ]
        for entry in TABLE.sets
    }
