"""The page as text: it holds all it needs, and no name in a log becomes a part of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace as trace_replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from launcher.records.history.trace import Peaks, Trace
from launcher.records.record import Forecast
from launcher.report.findings.loss import dearest
from launcher.report.first_screen import first_screen
from launcher.report.page.markup import Markup, tag
from launcher.report.page.page import MOST_BYTES, page
from launcher.report.report import Report, document
from tests.unit.report.made import even, executor, stage, task, trace
from tests.unit.report.pages import HOSTILE, hostile, million, record, report_of, usual, waves
from tests.unit.report.test_compare import runs

VOID = {"meta", "br", "path", "line", "rect", "circle"}


class Reader(HTMLParser):
    """The elements of a page; complains about what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" not in self.open and "style" not in self.open:
            self.text.append(data)


def test_every_element_is_closed_and_drawings_are_xml() -> None:
    text = page(report_of(waves(), record()))
    assert Reader(text).open == []
    drawings = re.findall(r"<svg.*?</svg>", text, re.S)
    assert len(drawings) == 3  # executors, tasks, other sizes
    for drawing in drawings:
        ElementTree.fromstring(drawing)


def test_it_fetches_nothing() -> None:
    read = Reader(page(hostile()))
    assert {name for name, _ in read.tags} & {"img", "link", "iframe", "object", "embed", "base"} == set()
    assert [attributes for _, attributes in read.tags if {"src", "href", "srcset"} & set(attributes)] == []
    assert "url(" not in page(report_of(usual()))


def test_names_of_the_log_stay_texts() -> None:
    text = page(hostile())
    read = Reader(text)
    assert [name for name, _ in read.tags].count("script") == 1
    assert not any(name.startswith("on") for _, attributes in read.tags for name in attributes)
    assert HOSTILE in "".join(read.text)
    assert "<img" not in text


def test_it_tells_what_the_record_knows() -> None:
    text = "".join(Reader(page(report_of(usual(), record()))).text)
    for known in ("COMMITTED", "daily", "20260131T000000Z-daily-abc", "two tasks a core", "yarn-8"):
        assert known in text
    assert "Plan" not in "".join(Reader(page(report_of(usual()))).text)


SECTIONS = ("What cost most", "Executors", "Tasks", "Stages", "Memory", "Other sizes", "Elasticity")


@pytest.mark.parametrize("section", SECTIONS)
def test_it_has_every_part(section: str) -> None:
    assert section in Reader(page(report_of(usual()))).text


def test_the_first_screen_comes_before_all_pictures() -> None:
    text = page(report_of(usual()))
    assert text.index("What cost most") < text.index("<svg")
    assert len(re.findall(r"<li data-finding", text.split("<details>")[0])) == 3


def test_the_point_of_this_run_stands_out_among_other_sizes() -> None:
    read = Reader(page(report_of(waves())))
    assert [attributes.get("class") for name, attributes in read.tags if name == "circle"].count("own") == 1
    assert "4 (this run)" in read.text
    assert any("to" in text and "s" in text for text in read.text)


def test_a_local_run_has_no_executors_to_draw() -> None:
    rows = [task(n, 0, 1, 9) for n in range(4)]
    made = trace([stage(0, *rows)], [executor(0, cores=4, id="driver")], 10)
    text = Reader(page(report_of(made))).text
    assert "Executors" in text  # the figure
    assert "Elasticity" not in text
    assert "Other sizes" not in text


@pytest.mark.parametrize("made", [trace([], [], 10, []), even()])
def test_little_to_tell_is_no_error(made: object) -> None:
    assert "<h1>daily</h1>" in page(report_of(made))  # type: ignore[arg-type]


def test_a_million_tasks_make_a_small_page() -> None:
    text = page(report_of(million()))
    assert len(text.encode()) < MOST_BYTES
    assert "the 40 busiest executors of 200" in text
    assert "up to 2,500 were asked for" in text  # ten thousand tasks fill 2,500 executors of four slots


def test_markup_escapes_texts_and_attributes() -> None:
    assert tag("p", "<b>", tag("b", "x"), title='"') == '<p title="&quot;">&lt;b&gt;<b>x</b></p>'
    assert tag("rect", width=1) == '<rect width="1"/>'
    assert isinstance(tag("p", ["a", Markup("<i></i>")]), Markup)


@given(runs())
@settings(max_examples=30)
def test_any_run_has_a_page_a_document_and_words(made: Trace) -> None:
    report = report_of(made, record())
    assert Reader(page(report)).open == []
    json.dumps(document(report), allow_nan=False)
    assert list(first_screen(report))


def test_a_prediction_stands_beside_the_time() -> None:
    forecast = Forecast(40.0, 35.0, 45.0, 100.0, 100.0, "4 executors", "hold", "few runs")
    text = "".join(Reader(page(report_of(usual(), record(forecast=forecast)))).text)
    assert "predicted 40 s, 35 s to 45 s: as it came" in text
    missed = record(forecast=replace(forecast, high=35.5))
    assert "missed" in "\n".join(first_screen(report_of(usual(), missed)))


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({}, "nothing spilled and little was collected"),
        ({"gc_ms": 3000}, "but collecting garbage took 30% of the tasks"),
        ({"spilled_bytes": 1 << 20}, "but 4 MiB went to disk for want of memory"),
    ],
)
def test_memory_says_why_a_smaller_heap_is_not_proved(columns: dict[str, int], said: str) -> None:
    peaks = {str(n): Peaks(heap=1 << 30, unified=1 << 28) for n in range(4)}
    made = trace_replace(even(**columns), peaks=peaks)
    assert said in " ".join(Reader(page(report_of(made))).text)


def test_paper_is_white_in_the_dark_too() -> None:
    """Whatever colours the dark theme changes printing sets again, but those of the stages."""
    style = re.search(r"<style>(.*?)</style>", page(report_of(even())), re.S)
    assert style is not None
    dark, printed = (
        set(re.findall(r"--[a-z]\w*", style[1].split(start, 1)[1].split("}", 1)[0]))
        for start in (':root[data-theme="dark"] {', "@media print {")
    )
    assert dark - printed == {f"--c{number}" for number in range(8)}


def test_a_size_that_came_and_went_is_not_told_as_a_fixed_one() -> None:
    def told(made: Trace) -> str:
        return " ".join(Reader(page(report_of(made))).text)

    made = waves()
    assert "4 (this run)" in told(made)
    first, *others = made.executors
    left = trace_replace(made, executors=(*others, trace_replace(first, removed_ms=(made.end_ms or 0) - 1)))
    assert "4 (this run had so many at most)" in told(left)


def test_paper_keeps_no_whole_section_together() -> None:
    """One that is longer than what is left of a sheet would leave that empty."""
    printed = page(report_of(even())).split("@media print {", 1)[1].split("</style>", 1)[0]
    kept = re.findall(r"([^{}]*)\{ break-inside: avoid; \}", printed)
    assert len(kept) == 1
    assert "section" not in kept[0].split("*/")[-1]


def test_how_it_ended_keeps_its_brackets() -> None:
    def state(made: Report) -> str:
        found = re.search(r'<p class="state">(.*?)</p>', page(made))
        assert found is not None
        return re.sub(r"<[^>]+>", "", found[1])

    one = trace([stage(0, task(0, 0, 0, 5))], [executor(0)], 5)
    assert state(report_of(one)).endswith("SUCCEEDED 1 job, 1 stage, 1 task")
    unknown = state(report_of(trace_replace(one, end_ms=None)))
    assert unknown.endswith("its end is not known (1 job, 1 stage, 1 task)")


def test_a_finding_without_a_setting_shows_none() -> None:
    report = report_of(usual())
    assert any(not one.keys for one in dearest(report.losses))
    text = page(report)
    assert 'class="keys"></p>' not in text
    assert [one for one in document(report)["findings"] if one["keys"] == []]
    assert list(first_screen(report))


def test_what_scrolls_has_a_role_for_its_label() -> None:
    scrolling = [
        named
        for _, named in Reader(page(report_of(waves(), record()))).tags
        if named.get("class") == "scroll"
    ]
    assert len(scrolling) >= 4
    assert all(one["role"] == "region" and one["aria-label"] for one in scrolling)
