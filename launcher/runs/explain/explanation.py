"""Why a run failed: the first witness that tells a known cause decides. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from launcher.records.record import Explanation
from launcher.redact import masked_lines, masked_text
from launcher.runs.explain.blocks import Kind, blocks
from launcher.runs.explain.cause import BY_MANAGER, UNKNOWN, Cause, tells
from launcher.runs.explain.causes import CAUSES
from launcher.runs.explain.exceptions import LoggedException, only_jvm_is_gone, root
from launcher.runs.explain.extracts import last_words, task_lines, traceback_lines
from launcher.runs.explain.failure_sources import (
    SPARKS_OWN,
    Evidence,
    FailureSource,
    failure_sources,
    warnings,
    without_logger,
)
from launcher.runs.explain.families.ending import SCRIPT_EXIT

LONGEST_MESSAGE = 1000
# 128 and the number of SIGHUP, SIGINT, SIGKILL, SIGTERM.
SIGNALLED = frozenset({129, 130, 137, 143})
VAGUE = frozenset({"executor-lost", "executor-killed"})


@dataclass(frozen=True)
class _Found:
    cause: Cause
    message: str


def explain(
    log_text: str,
    result_error: Mapping[str, str | None] | None = None,
    exit_code: int | None = None,
    diagnostics: str = "",
    failures: Sequence[str] = (),
) -> Explanation:
    """Explain a failed run.

    Args:
        log_text: what spark-submit wrote, both streams; of a long log head and tail, see ``reading``.
        result_error: ``class``, ``message``, ``hint`` of the job's result JSON.
        exit_code: of spark-submit.
        diagnostics: what the cluster manager says.
        failures: reasons of failed tasks and jobs in the event log, the oldest first.

    Returns:
        the explanation, secrets masked; cause ``unknown`` without a hint of ours when no known cause fits.
    """
    seen = Evidence(tuple(blocks(log_text)), result_error, exit_code, diagnostics, tuple(failures))
    found = _found(seen)
    ended = seen.ended_by
    message = found.message if found else _best_message(seen)
    return Explanation(
        cause=found.cause.id if found else UNKNOWN,
        # Masked before it is joined and cut: half a secret looks like none.
        message=" ".join(masked_text(message.removeprefix(BY_MANAGER)).split())[:LONGEST_MESSAGE],
        hint=_hint(found.cause if found else None, result_error),
        traceback=masked_lines(traceback_lines(ended.lines if ended else ())),
        task=masked_lines(task_lines(seen)),
    )


def _found(seen: Evidence) -> _Found | None:
    from_outside = None if seen.own_error else _by_signal(seen) or _by_manager(seen)
    if from_outside is not None:
        return from_outside
    for witness in failure_sources(seen):
        found = _found_in(witness, CAUSES)
        if found is not None:
            return (_memory(seen) or found) if found.cause.id in VAGUE else found
        if witness.is_enough:
            return None
    return _by_line(seen) or _by_own_exit(seen) or _by_warning(seen) or _by_exit_code(seen)


def _by_signal(seen: Evidence) -> _Found | None:
    """What ended the driver by a signal: nothing that it logged before is the reason, but for want of memory.

    Where the driver is on the cluster, the manager speaks for it: spark-submit is only its messenger.
    """
    if seen.exit_code not in SIGNALLED or seen.diagnostics:
        return None
    return _memory(seen) or _by_exit_code(seen)


def _by_manager(seen: Evidence) -> _Found | None:
    """What Spark logged when the manager ended the application, or was gone."""
    found = _first([*_pin_text(seen, "error"), *seen.plain_lines], lambda cause: cause.ended)
    if found is None or not found.cause.unless:
        return found
    behind = [cause for cause in CAUSES if cause.id == found.cause.unless]
    errors = (source for source in failure_sources(seen) if not source.saw_the_end)
    return next((cause for source in errors if (cause := _found_in(source, behind))), found)


def _memory(seen: Evidence) -> _Found | None:
    """Who was killed does not know why; a memory diagnostic of anybody does."""
    causes = [cause for cause in CAUSES if cause.memory]
    everybody = chain(failure_sources(seen), warnings(seen))
    return next((found for witness in everybody if (found := _found_in(witness, causes))), None)


def _found_in(witness: FailureSource, causes: Sequence[Cause]) -> _Found | None:
    if only_jvm_is_gone(witness.chain):
        return None
    # Within one chain the table's order decides: what is narrow stands before what is general.
    for cause in causes:
        if (fitting := _deepest(witness.chain, cause)) is not None:
            return _Found(cause, fitting.text)
    return None


def _deepest(message: Sequence[LoggedException], cause: Cause) -> LoggedException | None:
    telling = (each for each in reversed(message) if not each.consequence)
    return next((each for each in telling if tells(cause.errors, each.searched)), None)


def _by_line(seen: Evidence) -> _Found | None:
    return _first([*seen.plain_lines, *_pin_text(seen, "error")], lambda cause: cause.lines)


def _by_own_exit(seen: Evidence) -> _Found | None:
    code = seen.exit_code
    if seen.ended_by is not None or seen.result_error is not None or code is None or not 0 < code < 126:
        return None
    if any(code in cause.exit_codes for cause in CAUSES):
        return None
    return _Found(SCRIPT_EXIT, last_words(seen.plain_lines, code))


def _by_warning(seen: Evidence) -> _Found | None:
    return _first(_pin_text(seen, "warning"), lambda cause: cause.warnings)


def _by_exit_code(seen: Evidence) -> _Found | None:
    cause = next((cause for cause in CAUSES if seen.exit_code in cause.exit_codes), None)
    return _Found(cause, f"the driver ended with exit code {seen.exit_code}") if cause else None


def _first(lines: Iterable[str], patterns: Callable[[Cause], tuple[str, ...]]) -> _Found | None:
    lines = list(lines)
    for cause in CAUSES:
        for line in lines:
            if tells(patterns(cause), line):
                return _Found(cause, line)
    return None


def _pin_text(seen: Evidence, kind: Kind) -> list[str]:
    return [without_logger(block.lines[0]) for block in seen.log if block.kind == kind]


def _best_message(seen: Evidence) -> str:
    # Where no cause is known, an exception tells more than a manager.
    sources = sorted(failure_sources(seen), key=lambda source: not source.saw_the_end)
    found = [message for source in sources if (message := root(source.chain)) is not None]
    telling = [message for message in found if not message.consequence] or found
    if telling:
        return telling[0].text
    return f"exit code {seen.exit_code}, and nothing in the log tells why"


def _hint(cause: Cause | None, result_error: Mapping[str, str | None] | None) -> str | None:
    """The job's own hint, which knows the case, before that of the cause."""
    if result_error and result_error.get("hint") and result_error.get("class") != SPARKS_OWN:
        return result_error["hint"]
    return cause.hint if cause else None
