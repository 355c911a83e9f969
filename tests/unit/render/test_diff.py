"""Two plans side by side."""

from __future__ import annotations

import pytest

from launcher.planning.render.plan_diff import diff_document, diff_text, differences
from tests.unit.render.plans import JOB, SCRIPT, TARGETS, settings, shipped

PAIRS = [(one, other) for one in TARGETS for other in TARGETS]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_a_difference_is_a_key_with_two_values(one, other):
    ours, theirs = shipped(one, JOB), shipped(other, JOB)
    left, right = settings(ours), settings(theirs)
    message = {d.key: (d.ours, d.theirs) for d in differences(ours, theirs)}
    keys = left.keys() | right.keys()
    assert message == {k: (left.get(k), right.get(k)) for k in keys if left.get(k) != right.get(k)}


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_turned_round_the_differences_are_the_same(one, other):
    ours, theirs = shipped(one), shipped(other)
    forth, back = differences(ours, theirs), differences(theirs, ours)
    assert {(d.key, d.ours, d.theirs) for d in forth} == {(d.key, d.theirs, d.ours) for d in back}


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_row_that_does_not_fit_has_its_values_below(width):
    ours, theirs = shipped("yarn-8", JOB), shipped("dgx-a100-512gb", JOB)
    text = diff_text(ours, theirs, False, width)
    for d in differences(ours, theirs):
        rows = [line.split() for line in text.splitlines() if line.split()[:1] == [d.key]]
        assert rows in ([[d.key, *(d.ours or "-").split(), *(d.theirs or "-").split()]], [[d.key]])
    assert (width > 100) != ("    dgx-a100-512gb  com.nvidia.spark.SQLPlugin" in text)
    long = [line for line in text.splitlines() if len(line) > width]
    assert all(line.startswith("    ") for line in long)


def test_the_text_counts_what_differs():
    ours, theirs = shipped("yarn-8"), shipped("standalone")
    number = len(differences(ours, theirs))
    same = len(settings(ours).keys() | settings(theirs).keys()) - number
    text = diff_text(ours, theirs, False, 100)
    assert text.splitlines()[0].split() == ["yarn-8", "standalone"]
    assert text.endswith(f"\n\n{number} differ, {same} are equal; - = left to Spark")
    assert diff_text(ours, theirs, True, 100) == "\n".join(text.splitlines()[1:-2])


def test_equal_plans_are_told_so():
    assert diff_text(shipped("yarn-8"), shipped("yarn-8"), False, 100) == "yarn-8 and yarn-8: equal plans"
    assert diff_text(shipped("yarn-8"), shipped("yarn-8"), True, 100) == ""


def test_json_has_null_where_a_key_is_left_to_spark():
    document = diff_document(shipped("yarn-8"), shipped("standalone"))
    assert document["targets"] == ["yarn-8", "standalone"]
    values = {row["key"]: row["values"] for row in document["differences"]}
    assert values["spark.yarn.maxAppAttempts"] == ["1", None]


def test_secrets_differ_without_being_told():
    one, other = (shipped("yarn-8", SCRIPT, f"spark.my.password={word}") for word in ("hunter2", "other"))
    assert [(d.key, d.ours, d.theirs) for d in differences(one, other)] == [
        ("spark.my.password", "***", "***")
    ]
