"""What a checkpoint was made for: a stream goes on only with the job and parameters it began with. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sparkjobs.errors import UsageError, WriteError
from sparkjobs.streaming.event_time.params import MAX_AHEAD
from sparkjobs.streaming.folder import COPY

NAME = "sparkjobs.json"
# How files are read that could not be read without it: no row that is in the tables would be another.
_FREE = frozenset({"extra_columns"})
# Kept by earlier versions. Spark ties state to it, and our streams keep none in Spark: within a batch it is
# what the batch sets.
_LEFT = "spark.sql.shuffle.partitions"
# Without the flag a stream does, or in version 0.1.0 did, as if this had been given: the same in other words.
_UNSAID = {"timestamp_unit": "s", "max_ahead": MAX_AHEAD}


def make(
    *,
    job: str,
    checkpoint: str,
    output: str,
    params: Mapping[str, Any],
    state: tuple[str, ...],
) -> dict[str, Any]:
    """All that must not change between two runs on one checkpoint.

    Args:
        job: the stream's name.
        checkpoint: its folder; Spark's logs in it hold absolute paths, so it cannot be moved.
        output: the table; another one would lack the earlier batches.
        params: the parameters that can change rows, the input among them.
        state: what the job keeps from batch to batch.
    """
    return {
        "v": 1,
        "job": job,
        "checkpoint": checkpoint,
        "output": output,
        "params": dict(params),
        "state": list(state),
    }


def to_text(fingerprint: Mapping[str, Any]) -> str:
    """The file beside Spark's own."""
    return json.dumps(fingerprint, indent=1, sort_keys=True) + "\n"


def missing(path: str) -> WriteError:
    """The error of a checkpoint that a stream wrote and that does not tell whose it is. Pure."""
    return WriteError(
        f"the checkpoint {path} has no {NAME}: it is not known whose it is",
        "Bring the checkpoint back from a copy, or give a new --checkpoint and a new --output.",
    )


def refuse_other(path: str, text: str, now: Mapping[str, Any]) -> None:
    """Compare a checkpoint's fingerprint with this run's.

    Args:
        path: the checkpoint, for the message.
        text: what its fingerprint file holds.
        now: this run's fingerprint.

    Raises:
        UsageError: they differ; names each difference.
        WriteError: the file cannot be read.
    """
    try:
        before = json.loads(text)
        differences = _differences(before, now)
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise WriteError(f"{path}/{NAME} cannot be read: {error}", COPY) from error
    if differences:
        raise UsageError(
            f"the checkpoint {path} belongs to another stream: {'; '.join(differences)}",
            "Run with what the checkpoint was made with, or give a new --checkpoint and a new --output.",
        )


def _differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    flat_before, flat_now = _flat(before), _flat(now)
    names = sorted({*flat_before, *flat_now})
    return [
        f"{name} was {_shown(flat_before.get(name))}, is {_shown(flat_now.get(name))}"
        for name in names
        if flat_before.get(name) != flat_now.get(name)
    ]


def _flat(fingerprint: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters by their flags, beside the rest."""
    flags = {
        "--" + name.replace("_", "-").rstrip("-"): value
        for name, value in fingerprint["params"].items()
        if name not in _FREE and (name not in _UNSAID or value != _UNSAID[name])
    }
    rest = {key: value for key, value in fingerprint.items() if key not in ("params", _LEFT)}
    return {**rest, **flags}


def _shown(value: Any) -> str:
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)
