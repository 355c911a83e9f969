"""Whether an application ran out of memory, from the reasons in its log. Pure."""

from __future__ import annotations

import re

from launcher.records.history.trace import Trace

# Python says MemoryError, Netty OutOfDirectMemoryError, the plugin for a GPU GpuRetryOOM. 52 is Spark's own
# for an OutOfMemoryError (SparkExitCode.OOM); 137 and 143 alone say only that somebody ended it, as a
# preemption does.
_OUT_OF_MEMORY = re.compile(
    r"OutOfMemory|\bout of memory\b|\bOOM\b|OOMKilled|MemoryError\b|RetryOOM\b|"
    r"\b(?:physical|virtual) memory limits?\b|"
    r"beyond the .*memory limits?|exceeding .*memory limits?|\b(?:exit (?:code|status):? ?|with code )52\b",
    re.IGNORECASE,
)
_KILLED = re.compile(r"\b(?:exit (?:code|status):? ?|with code )137\b", re.IGNORECASE)
_TAKEN = re.compile(r"preempt|decommission", re.IGNORECASE)


def tells_of_memory(reason: str) -> bool:
    """Whether a reason says that something ended for want of memory."""
    return _OUT_OF_MEMORY.search(reason) is not None


def was_taken(reason: str) -> bool:
    """Whether a reason says that somebody took an executor away: a preemption, a node that goes."""
    return _TAKEN.search(reason) is not None


def ran_out_of_memory(trace: Trace) -> bool:
    """Whether an executor or a stage ended for want of memory."""
    return any(map(tells_of_memory, _reasons(trace)))


def may_have_run_out(trace: Trace) -> bool:
    """The same, and whether the system killed an executor, which want of memory is the usual cause of."""
    killed = any(_KILLED.search(text) and not was_taken(text) for text in _reasons(trace))
    return killed or ran_out_of_memory(trace)


def _reasons(trace: Trace) -> list[str]:
    return [one.reason for one in trace.executors] + [stage.failure or "" for stage in trace.stages]
