"""The pages on reports and comparisons show what the commands print, and every finding."""

from __future__ import annotations

import pytest

from launcher.report.compare.comparison import CAUSES
from launcher.report.findings.all_findings import IDS
from launcher.report.page.first_view import TITLES
from tests.unit.docs.pages import ROOT, blocks, rows, text_of

DOCS = ROOT / "docs"


@pytest.mark.parametrize("name", ["report", "compare"])
def test_the_example_is_what_the_command_prints(name: str) -> None:
    golden = text_of(ROOT / "tests" / "acceptance" / "cases" / name / "output.txt")
    shown = [body for language, body in blocks(text_of(DOCS / f"{name}.md")) if language == "text"]
    assert len(shown) == 1
    assert shown[0] in golden


def test_every_finding_is_explained_and_has_a_title() -> None:
    listed = [
        cells[0].strip("`") for cells in rows(text_of(DOCS / "report.md"), ("id", "what", "seconds lost"))
    ]
    assert sorted(listed) == sorted(IDS) == sorted(TITLES)


def test_every_cause_is_explained() -> None:
    text = text_of(DOCS / "compare.md")
    assert [cause for cause in CAUSES if f"- `{cause}`:" not in text] == []
