"""Rules that somebody silences, each with a reason.

On the command line ``--silence ID=REASON``; in a file with ``#`` comments a line of its own:
``# sparkjob: silence ID because REASON``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from launcher.planning.lint.check import RULES
from launcher.spec.config.faults import did_you_mean
from sparkjobs.errors import UsageError

_COMMENT = re.compile(r"\s*#\s*sparkjob:\s*silence\b(?P<rest>.*)")
_REST = re.compile(r"\s+(?P<id>\S+)\s+because\s+(?P<reason>\S.*?)\s*")
_IDS = frozenset(rule.id for rule in RULES)


def of_options(texts: Iterable[str]) -> Mapping[str, str]:
    """Reasons by rule, from ``ID=REASON``.

    Raises:
        UsageError: no such rule, or no reason.
    """
    parted = (text.partition("=") for text in texts)
    return dict(_checked("--silence", identity, reason) for identity, _, reason in parted)


def of_text(text: str, shown: str) -> Mapping[str, str]:
    """Reasons by rule, from the comments of a file.

    Raises:
        UsageError: no such rule, or no reason.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        comment = _COMMENT.fullmatch(line)
        if comment:
            rest = _REST.fullmatch(comment["rest"])
            words = (rest["id"], rest["reason"]) if rest else (comment["rest"].strip().split(" ")[0], "")
            found.update([_checked(f"{shown}:{number}", *words)])
    return found


def _checked(place: str, identity: str, reason: str) -> tuple[str, str]:
    if identity not in _IDS:
        near = did_you_mean(identity, _IDS)
        raise UsageError(f"{place}: there is no rule {identity!r}{near}", "docs/linter.md lists the rules.")
    if not reason.strip():
        raise UsageError(
            f"{place}: {identity} is silenced without a reason",
            "Write --silence ID=REASON, or the comment '# sparkjob: silence ID because REASON'.",
        )
    return identity, reason.strip()
