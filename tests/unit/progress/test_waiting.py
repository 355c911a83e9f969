"""The manager is asked why a run has no executors: only then, and not too often."""

from __future__ import annotations

import msgspec
import pytest

from launcher.managers.local import Local
from launcher.records.figures import Figures
from launcher.records.record import Record, State
from launcher.runs.progress.waiting_executors import ASK_EVERY_S, Waiting
from launcher.spec.cluster import Cluster

RECORD = Record(
    run_id="r",
    job="j",
    target="t",
    manager="yarn",
    state=State.RUNNING,
    host="h",
    log="l",
    application_id="a",
)


class Full(Local):
    """A cluster without room."""

    def __init__(self) -> None:
        super().__init__(Cluster(name="c", manager="local"))
        object.__setattr__(self, "requested", [])

    def waiting(self, application_id: str) -> str | None:
        self.requested.append(application_id)  # type: ignore[attr-defined]
        return f"full, {len(self.requested)} times"  # type: ignore[attr-defined]


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_reason_is_asked_for_once_in_a_while() -> None:
    full, clock = Full(), Clock()
    waiting = Waiting(lambda: full, clock)
    assert waiting.reason(RECORD, None) == "full, 1 times"
    clock.now_s += ASK_EVERY_S / 2
    assert waiting.reason(RECORD, Figures(executors=0)) == "full, 1 times"
    clock.now_s += ASK_EVERY_S / 2
    assert waiting.reason(RECORD, Figures()) == "full, 2 times"


@pytest.mark.parametrize(
    ("record", "figures"),
    [(msgspec.structs.replace(RECORD, application_id=None), None), (RECORD, Figures(executors=1))],
)
def test_a_run_that_lacks_nothing_or_is_not_known_yet_bothers_nobody(
    record: Record, figures: Figures | None
) -> None:
    def nobody() -> Full:
        raise AssertionError

    assert Waiting(nobody).reason(record, figures) is None
