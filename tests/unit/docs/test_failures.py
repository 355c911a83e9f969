"""The page of failures held to the tables of the code."""

from __future__ import annotations

from launcher.runs.explain.cause import Cause
from launcher.runs.explain.causes import CAUSES
from launcher.runs.retry import CORES, STEPS
from tests.unit.docs.pages import ROOT, rows, text_of

PAGE = ROOT / "docs" / "failures.md"


def tried_again(cause: Cause) -> str:
    """What the page says of another attempt."""
    if cause.memory is not None:
        return "once, with more memory"
    return "as often as `retries` says" if cause.retry else "no"


def test_the_causes_of_the_page_are_those_of_the_code() -> None:
    message = rows(text_of(PAGE), ("cause", "what it looks like", "what to do", "tried again"))
    known = [[cause.id, cause.looks_like, cause.hint, tried_again(cause)] for cause in CAUSES]
    assert message == [[cell.strip("` ") for cell in cells] for cells in known]


def test_the_steps_of_the_page_are_those_of_the_code() -> None:
    message = rows(text_of(PAGE), ("too small", "setting", "step"))
    steps = {key: f"x {factor:g}" for key, factor in STEPS.values()}
    assert {cells[1]: cells[2] for cells in message if cells[1] != CORES} == steps


def test_every_cause_has_an_id_of_its_own_and_a_hint_in_sentences() -> None:
    assert len({cause.id for cause in CAUSES}) == len(CAUSES)
    assert [
        cause.id for cause in CAUSES if not cause.hint.endswith((".", "say why.")) or not cause.looks_like
    ] == []
