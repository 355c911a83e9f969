"""The flags of every stream, and those of batch jobs that mean nothing to one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sparkjobs import checks, paths
from sparkjobs.errors import UsageError
from sparkjobs.job import BatchParams
from sparkjobs.params import param
from sparkjobs.streaming.ends import EndParams, check_ends
from sparkjobs.streaming.event_time.params import EventTimeParams, check_event_time
from sparkjobs.streaming.progress.metrics_server import MetricsParams
from sparkjobs.streaming.scaling.params import ScalingParams, check_scaling
from sparkjobs.streaming.source_params import SourceParams, check_source
from sparkjobs.streaming.trigger import AVAILABLE_NOW, check_trigger


def refused(reason: str) -> Callable[[Any], None]:
    """A check that no value passes; it is asked only when the flag is given."""

    def check(_: Any) -> None:
        raise ValueError(reason)

    return check


def not_here(default: Any, reason: str) -> Any:
    """A flag of batch jobs that a stream refuses by name, with the reason."""
    return param(default, help=f"refused: {reason}", check=refused(reason), group="refused", identity=False)


_WRITES = "each table of a stream has its own way of taking a batch in"
_NO_INTERVAL = "the interval of a stream is its start"


@dataclass(frozen=True)
class StreamParams(SourceParams, EventTimeParams, ScalingParams, MetricsParams, EndParams, BatchParams):
    """The flags that every stream has."""

    checkpoint: str | None = param(
        None,
        help="folder of the stream's progress (default: OUTPUT_checkpoint)",
        metavar="DIR",
        group="stream",
        identity=False,
    )
    trigger: str = param(
        AVAILABLE_NOW,
        help='available-now (what is there, then end), or the time between batches, such as "10 seconds"',
        check=check_trigger,
        group="stream",
        identity=False,
    )
    stop_timeout: float = param(
        60.0,
        help="seconds that the running batch may take when asked to stop",
        check=checks.at_least(0),
        group="stream",
        identity=False,
    )
    max_files_per_batch: int = param(
        1000,
        help="files that one batch reads at most",
        check=checks.at_least(1),
        group="stream",
        identity=False,
    )
    compact_every: int = param(
        50,
        help="batches after which the small files of the tables are put together; 0 for never",
        metavar="N",
        check=checks.at_least(0),
        group="stream",
        identity=False,
    )
    skip_file: tuple[str, ...] = param(
        (),
        help="file that the stream passes over, from now on; repeat for more",
        metavar="PATH",
        repeatable=True,
        group="stream",
        identity=False,
    )
    bad_files: str = param(
        "fail",
        help="what a file that cannot be read does: end the run, or go to quarantine as one row",
        choices=("fail", "quarantine"),
        group="stream",
        identity=False,
    )
    mode: str = not_here("append", _WRITES)
    keys: tuple[str, ...] = not_here((), _WRITES)
    interval_column: str | None = not_here(None, _NO_INTERVAL)
    interval: str | None = not_here(None, _NO_INTERVAL)
    schema: str = not_here("refuse", _WRITES)
    force: bool = not_here(False, "a batch is written once; start anew with a new --output")
    allow_empty: bool = not_here(False, "a stream without new files ends well anyway")


def check_stream(params: StreamParams, default_format: str = "csv") -> None:
    """Refuse what a stream cannot read.

    Args:
        params: with the inputs as ``flows.normalised`` writes them.
        default_format: the format that the job takes without ``--format``.

    Raises:
        UsageError: names the flag.
    """
    if params.format == "delta":
        raise UsageError(
            "--format delta: a stream reads arriving files",
            "Use text, csv, jsonl or parquet; a table that grows is read by --input delta://TABLE.",
        )
    check_source(params, default_format)
    check_ends(params.until_idle, params.trigger)
    check_event_time(params)
    check_scaling(params.max_latency, params.trigger)
    for path in params.skip_file:
        paths.normalise(path)
