"""Holders for tests."""

from __future__ import annotations

from launcher.tables.locks.holder import Holder

ANNA = Holder(
    run_id="20260131T050000Z-wordcount-1a2b3c4d",
    job="wordcount",
    host="alpha",
    pid=4711,
    pid_started_s=1769835600.25,
    since="2026-01-31T05:00:00Z",
)
