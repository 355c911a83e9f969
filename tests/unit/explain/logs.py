"""The recorded logs of real failures, and the cause that each shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LOGS = Path(__file__).parents[2] / "failures" / "logs"
_EXIT = re.compile(r"\n\[exit code (\d+)\]\n$")

CAUSE_OF = {
    "ambiguous-column": "column-ambiguous",
    "ansi-overflow": "overflow",
    "bad-cast": "bad-cast",
    "bad-date": "bad-date",
    "broadcast-timeout": "broadcast-timeout",
    "cannot-pickle": "not-serializable",
    "checkpoint-half-deleted": "checkpoint-in-use",
    "class-of-a-newer-java": "java-too-old",
    "connection-refused": "connection-refused",
    "corrupt-parquet": "file-corrupt",
    "decimal-out-of-range": "value-out-of-range",
    "delta-conflict": "delta-conflict",
    "delta-other-columns": "schema-mismatch",
    "delta-other-types": "schema-mismatch",
    "delta-session-without-jars": "delta-jars-missing",
    "disk-full": "disk-full",
    "division-by-zero": "division-by-zero",
    "driver-heap": "driver-heap",
    "driver-host-unknown": "address-not-here",
    "driver-killed": "driver-killed",
    "driver-memory-spelling": "java-refuses-options",
    "driver-memory-without-unit": "java-refuses-options",
    "driver-stopped": "driver-stopped",
    "executor-heap": "executor-heap",
    "executor-killed": "executor-killed",
    "executor-too-large": "executor-too-large",
    "fetch-failed": "fetch-failed",
    "file-not-found": "path-missing",
    "gc-overhead": "executor-heap",
    "input-file-vanished": "input-vanished",
    "jar-of-another-version": "jar-versions-differ",
    "java-home-wrong": "java-not-found",
    "java-not-found": "java-not-found",
    "java-too-new": "java-too-new",
    "kryo-overflow": "kryo-buffer",
    "local-heap": "executor-heap",
    "master-host-unknown": "master-unreachable",
    "master-unreachable": "master-unreachable",
    "missing-delta-jars": "delta-jars-missing",
    "missing-driver-class": "class-not-found",
    "missing-s3-jars": "s3-jars-missing",
    "module-missing-on-workers": "worker-module-missing",
    "no-resources": "no-resources",
    "not-a-delta-table": "not-a-delta-table",
    "package-too-old": "module-missing",
    "path-exists": "path-exists",
    "path-not-found": "path-missing",
    "permission-denied": "permission-denied",
    "port-taken": "port-taken",
    "python-not-found": "python-not-found",
    "python-versions-differ": "python-versions-differ",
    "result-too-large": "result-too-large",
    "s3-forbidden": "s3-forbidden",
    "s3-no-credentials": "s3-credentials-missing",
    "s3-no-such-bucket": "s3-bucket-missing",
    "s3-slow-down": "s3-throttled",
    "scheme-unknown": "scheme-unknown",
    "script-exit": "script-exit",
    "script-missing": "script-not-found",
    "script-module-missing": "module-missing",
    "script-syntax": "script-syntax",
    "session-in-task": "session-in-task",
    "sql-syntax": "sql-syntax",
    "table-not-found": "table-not-found",
    "timed-out": "timed-out",
    "unknown-host": "host-unknown",
    "unresolved-column": "column-not-found",
    "worker-crash": "worker-crash",
    "worker-exception": "unknown",
    "worker-out-of-memory": "worker-memory",
    "wrong-secret": "authentication-failed",
    "wrong-type": "type-mismatch",
}


@dataclass(frozen=True)
class Recorded:
    """A recorded log; a failure inside a session has no exit code of its own: a script ends with 1 then."""

    text: str
    exit_code: int


def recorded(name: str) -> Recorded:
    """The log ``name``."""
    text = (LOGS / f"{name}.txt").read_text(encoding="utf-8")
    code = _EXIT.search(text)
    return Recorded(_EXIT.sub("", text), int(code[1]) if code else 1)
