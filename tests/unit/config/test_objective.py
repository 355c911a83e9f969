"""Objectives: what flags and job files say, and the price of what they spend."""

from __future__ import annotations

import pytest

from launcher.spec.cluster import Price
from launcher.spec.config.read_job_file import job_file_of
from launcher.spec.objective import Objective, of_flags, of_job_file
from sparkjobs.errors import UsageError
from tests.unit.config.reading import STANDALONE, cluster, document, refused


@pytest.mark.parametrize(
    ("flags", "kind", "value"),
    [
        (("20m", None, False), "deadline", 1200.0),
        (("90s", None, False), "deadline", 90.0),
        ((None, "10%", False), "max_slowdown", 0.1),
        ((None, " 2.5 % ", False), "max_slowdown", 0.025),
        ((None, "0%", False), "max_slowdown", 0.0),
        ((None, None, True), "min_cost", None),
    ],
)
def test_each_flag_is_an_objective(flags, kind, value):
    found = of_flags(*flags)
    assert (found.kind, found.value) == (kind, value)


def test_no_flag_is_none():
    assert of_flags(None, None, False) is None


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("20", None, False), "--deadline: '20' has no unit"),
        (("soon", None, False), "--deadline: 'soon' is not a length of time"),
        (("0s", None, False), "--deadline: '0s' is no time at all"),
        (("-5m", None, False), "--deadline: '-5m' is no time at all"),
        ((None, "10", False), "--max-slowdown: '10' is no share"),
        ((None, "-1%", False), "--max-slowdown: '-1%' is no share"),
        ((None, "nan%", False), "--max-slowdown: 'nan%' is no share"),
        (("20m", "10%", False), "--deadline and --max-slowdown are different objectives"),
        ((None, "10%", True), "--max-slowdown and --min-cost are different objectives"),
    ],
)
def test_wrong_flags_are_refused_by_name(flags, message):
    with pytest.raises(UsageError) as caught:
        of_flags(*flags)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{deadline: 20m}", Objective("deadline", 1200.0, "here")),
        ("{max_slowdown: 10%}", Objective("max_slowdown", 0.1, "here")),
        ("min_cost", Objective("min_cost", None, "here")),
    ],
)
def test_a_job_file_says_it(text, found):
    requested = job_file_of(document(f"script: a.py\nobjective: {text}\n"), "c").objective
    assert of_job_file(requested, "here") == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "c.yaml:2: objective takes one of deadline"),
        ("{deadline: 20m, max_slowdown: 10%}", "c.yaml:2: objective takes one of deadline"),
        ("{deadline: 0s}", "c.yaml:2: deadline is no time at all"),
        (
            "{max_slowdown: ten}",
            "c.yaml:2: objective.max_slowdown takes a percentage such as 10%, not 'ten'",
        ),
        (
            "{max_slowdown: 10}",
            "c.yaml:2: objective.max_slowdown takes a percentage such as 10%, not 10; write 10%",
        ),
        (
            "{max_slowdown: -1%}",
            "c.yaml:2: objective.max_slowdown takes a percentage such as 10%, not '-1%'",
        ),
        ("{deadline: 20}", "c.yaml:2: objective.deadline takes a length of time such as 90s"),
        ("{slower: 10%}", "c.yaml:2: unknown key objective.slower"),
        ("[10%]", "c.yaml:2: objective takes keys of its own or one of min_cost, not a list"),
        ("cheap", "c.yaml:2: objective takes keys of its own or one of min_cost, not 'cheap'"),
    ],
)
def test_a_job_file_is_refused_on_its_line(text, message):
    said = refused(job_file_of, document(f"script: a.py\nobjective: {text}\n"), "c")
    assert said.startswith(message)


def test_prices_are_read():
    read = cluster(STANDALONE + "price: {core_hour: 0.05, gib_hour: 1, currency: EUR}\n")
    assert read.price == Price(core_hour=0.05, gib_hour=1.0, currency="EUR")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{core_hour: -1}", "c.yaml:7: core_hour is -1.0; it is 0 or more"),
        ("{core_hour: .inf}", "c.yaml:7: "),
        ("{currency: EUR}", "c.yaml:7: nothing has a price"),
        ("{core_hours: 1}", "c.yaml:7: unknown key price.core_hours; did you mean core_hour"),
        ("{core_hour: cheap}", "c.yaml:7: price.core_hour takes a number"),
    ],
)
def test_wrong_prices_are_refused_on_their_line(text, message):
    assert refused(cluster, STANDALONE + f"price: {text}\n").startswith(message)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0.0, "0.00 EUR"), (1234.5678, "1,234.57 EUR"), (0.5, "0.500 EUR"), (0.0031, "0.00310 EUR"),
        (1.96e-7, "0.000000196 EUR"),
    ],
)  # fmt: skip
def test_small_amounts_say_something(amount, text):
    assert Price(core_hour=1, currency="EUR").text(amount) == text
    assert Price(core_hour=1).text(amount) == text.removesuffix(" EUR")
