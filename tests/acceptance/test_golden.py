"""Every folder in ``cases`` is a case; see ``golden.py``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.golden import run_case

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/script"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    output = run_case(case, tmp_path / "world")
    expected = case / "output.txt"
    if request.config.getoption("--update-golden", default=False):
        expected.write_text(output, encoding="utf-8")
    assert output == expected.read_text(encoding="utf-8")
