"""What three policies cost on simulated loads, as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bench.report import rows_of
from bench.streams.curves import CURVES
from bench.streams.scalers import Ours, Sparks, Static
from bench.streams.simulated import Outcome, Scaler, Simulation, Stream
from sparkjobs.streaming.scaling.rules import Rules

HOUR_S = 3600.0
RULES = Rules(trigger_s=10, latency_s=20, least=1, most=6, start_s=5)
FIXED_S, ROW_S = 1.0, 0.01
# Of the most executors a batch takes three quarters of the trigger then.
PEAK = (7.5 - FIXED_S) * RULES.most / ROW_S / RULES.trigger_s
# As the plan starts a stream.
_START = 2


def played(curve: str, scaler: Scaler) -> Outcome:
    """An hour of a load under a policy."""
    return Simulation(Stream(CURVES[curve](PEAK, HOUR_S), HOUR_S, RULES, FIXED_S, ROW_S), scaler).run()


def section() -> str:
    """The table."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "\n### Simulated\n"
    yield (
        f"An hour of each load; a batch every {RULES.trigger_s:.0f} s, {FIXED_S:.0f} s of it fixed, a row to "
        f"be committed within {RULES.latency_s:.0f} s; of six executors a batch at the peak takes three "
        "quarters of the trigger. Executor-seconds over those of the static maximum, and p99 in seconds.\n"
    )
    columns = ("load", "ours", "p99 s", "Spark's own", "p99 s", "static p99 s")
    yield rows_of(columns, [_row(curve) for curve in CURVES])


def _row(curve: str) -> list[str]:
    ours, spark, static = (
        played(curve, made) for made in (Ours(RULES, _START), Sparks(RULES), Static(RULES))
    )
    return [
        curve,
        *(
            text
            for one in (ours, spark)
            for text in (f"{one.executor_seconds / static.executor_seconds:.2f}", f"{one.latency(0.99):.1f}")
        ),
        f"{static.latency(0.99):.1f}",
    ]
