"""The flag that asks for executors that follow the load."""

from __future__ import annotations

from dataclasses import dataclass

from sparkjobs.errors import UsageError
from sparkjobs.params import param
from sparkjobs.streaming.trigger import check_interval, interval_s


@dataclass(frozen=True)
class ScalingParams:
    """The objective."""

    max_latency: str | None = param(
        None,
        help='commit a row within that time after it came, such as "20 seconds": executors follow the load',
        metavar="DURATION",
        check=check_interval,
        group="stream",
        identity=False,
    )


def check_scaling(max_latency: str | None, trigger: str) -> None:
    """Refuse an objective that no number of executors reaches.

    Raises:
        UsageError: names both flags.
    """
    if max_latency is None:
        return
    trigger_s, latency_s = interval_s(trigger), interval_s(max_latency)
    if trigger_s is None:
        raise UsageError(
            f"--max-latency {max_latency} means nothing to --trigger {trigger}, which ends when its input is "
            "used up",
            'Leave it out, or name a time between batches, such as --trigger "10 seconds".',
        )
    assert latency_s is not None  # it was checked as an interval
    if latency_s <= trigger_s:
        raise UsageError(
            f"--max-latency {max_latency} cannot be kept with --trigger {trigger}: a row may wait that long "
            "before anybody looks",
            "Give at least twice the time between two batches.",
        )
