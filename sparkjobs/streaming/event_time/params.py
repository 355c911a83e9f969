"""The flags of event time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sparkjobs import paths
from sparkjobs.errors import UsageError
from sparkjobs.params import param
from sparkjobs.streaming.event_time.watermark import Rule
from sparkjobs.transforms.windows import check_duration, seconds

MAX_AHEAD = "1 hour"
_SECOND_US = 1_000_000


@dataclass(frozen=True)
class EventTimeParams:
    """The flags that part the rows that come in time from those that do not."""

    time_column: str | None = param(
        None,
        help="column of a row's time (default: the job's own)",
        metavar="COLUMN",
        group="event time",
        since="0.2.0",
    )
    watermark: str | None = param(
        None,
        help='how far behind the newest row others may come, such as "10 minutes"; later ones go to --late',
        metavar="DURATION",
        check=check_duration,
        group="event time",
        since="0.2.0",
    )
    max_ahead: str | None = param(
        None,
        help=f"how far beyond its batch's start a row may lie; others go to --late (default: {MAX_AHEAD})",
        metavar="DURATION",
        check=check_duration,
        group="event time",
        since="0.2.0",
    )
    late: str | None = param(
        None,
        help="Delta table for rows that are late or ahead (default: OUTPUT_late)",
        metavar="TABLE",
        group="event time",
        identity=False,
    )


def rule_of(params: EventTimeParams) -> Rule | None:
    """How rows are divided; ``None`` without ``--watermark``."""
    if params.watermark is None:
        return None
    return Rule(seconds(params.watermark) * _SECOND_US, seconds(params.max_ahead or MAX_AHEAD) * _SECOND_US)


def late_table(params: Any) -> str:
    """Where late rows go."""
    return paths.normalise(params.late or paths.suffixed(params.output, paths.LATE))


def check_event_time(params: EventTimeParams) -> None:
    """Refuse flags that would be ignored.

    Raises:
        UsageError: names the flag.
    """
    if params.watermark is None:
        for flag, value in (("--max-ahead", params.max_ahead), ("--late", params.late)):
            if value is not None:
                raise UsageError(f"{flag} needs --watermark", "Without it every row comes in time.")


def need_time_column(params: EventTimeParams) -> None:
    """Of a job whose rows have no time of their own.

    Raises:
        UsageError: one of ``--watermark`` and ``--time-column`` is there without the other.
    """
    if params.watermark is not None and params.time_column is None:
        raise UsageError("--watermark needs --time-column", "This job's rows have no time of their own.")
    if params.time_column is not None and params.watermark is None:
        raise UsageError("--time-column needs --watermark", "This job uses times for nothing else.")
