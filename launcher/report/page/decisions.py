"""The table of what a stream decided about its executors. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from launcher.report.findings.loss import seconds_text
from launcher.report.page.markup import Markup, scrolling, tag
from launcher.report.view.run_view import RunView
from launcher.report.view.stream_changes import Change, changes

OPEN, MOST = 12, 200


def decisions_table(view: RunView) -> Iterator[Markup]:
    """The newest decisions, and behind a fold those before them."""
    found = changes(view)
    newest = found[-MOST:]
    if len(found) > MOST:
        left_out = f"{len(found) - MOST:,} earlier ones are left out; -o json has them."
        yield tag("p", left_out, class_="quiet")
    if len(newest) > OPEN:
        folded = _table(newest[:-OPEN])
        yield tag("details", tag("summary", f"{len(newest) - OPEN} earlier decisions"), folded)
    if newest:
        yield _table(newest[-OPEN:])


def _table(rows: Sequence[Change]) -> Markup:
    head = [tag("th", title, scope="col") for title in ("After", "Executors", "Why")]
    table = tag(
        "table", tag("thead", tag("tr", head)), tag("tbody", [_row(one) for one in rows]), class_="decisions"
    )
    return scrolling("Decisions on executors", table)


def _row(one: Change) -> Markup:
    when = tag("th", seconds_text(max(0.0, one.seconds)), scope="row")
    return tag("tr", when, tag("td", one.numbers("→")), tag("td", one.reason))
