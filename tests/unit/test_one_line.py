"""A message is one line that a person can read, whatever Spark says."""

from __future__ import annotations

import pytest

from sparkjobs.errors import WriteError, one_line
from sparkjobs.result import error_result

PLAN = "\n".join(f"+- Project [shop.id#{i}, value#{i}]" for i in range(500))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"\n[UNRESOLVED_COLUMN] A column cannot be resolved. SQLSTATE: 42703;\n{PLAN}",
         "[UNRESOLVED_COLUMN] A column cannot be resolved. SQLSTATE: 42703;"),
        ("Thrown:\nTraceback (most recent call last):\n  File \"x.py\"\nValueError: no\n", "ValueError: no"),
        ("Job aborted\n\tat org.apache.spark.Foo(Foo.scala:1)\nJVM stacktrace:", "Job aborted"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_line_that_says_it(text, said):
    assert one_line(text) == said
    assert error_result(ValueError(text)).message == (said or "ValueError('')")


def test_no_message_is_longer_than_a_screen_or_has_two_lines():
    assert len(one_line("x" * 100_000)) == len(error_result(WriteError("y" * 5000)).message) == 1000
    assert error_result(WriteError("it failed:\n  first\n\n  second")).message == "it failed: first second"
