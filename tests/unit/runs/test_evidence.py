"""A job's own result, as it stands in its output."""

from __future__ import annotations

import json

import pytest

from launcher.runs.evidence import own_result

RESULT = {"v": 1, "run_id": "r", "error": {"message": "the file a\u2028b\x85c"}}


@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_name_with_a_strange_end_of_line_hides_no_result(ascii_only):
    text = "noise\n" + json.dumps(RESULT, ensure_ascii=ascii_only) + "\n"
    assert own_result(text, "r") == RESULT


@pytest.mark.parametrize("text", ["", "\n", "noise\n", "3\n", '{"v": 1, "run_id": "another"}\n'])
def test_other_last_lines_are_no_result(text):
    assert own_result(text, "r") is None
