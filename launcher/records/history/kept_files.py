"""The files in which facts and trace of a run are kept."""

from __future__ import annotations

from pathlib import Path

import msgspec

from launcher.records.history.facts.facts import VERSION, Facts
from launcher.records.history.facts.make_facts import facts_of
from launcher.records.history.kept_trace import MOST_TASKS, pack_trace, unpack_trace
from launcher.records.history.trace import Trace
from launcher.records.store import RunFolder, replace_file
from launcher.redact import masked_document
from sparkjobs.errors import EventLogError


def keep(folder: RunFolder, trace: Trace) -> str | None:
    """Write facts and trace of a run into its folder, each in one step; secrets are masked.

    Returns:
        What was not kept, for people; ``None`` when all was.

    Raises:
        OSError: the disk does not take them.
    """
    document = masked_document(msgspec.to_builtins(facts_of(trace)))
    replace_file(folder.facts, msgspec.json.encode(document))
    packed = pack_trace(trace)
    if packed is None:
        folder.trace.unlink(missing_ok=True)
        return f"its trace is not kept, for it has more than {MOST_TASKS} tasks; name its event log instead"
    replace_file(folder.trace, packed)
    return None


def read_facts(folder: RunFolder) -> Facts | None:
    """The facts of a run; ``None`` where there are none, or a later version wrote them."""
    try:
        facts = msgspec.json.decode(folder.facts.read_bytes(), type=Facts)
    except (OSError, ValueError):
        return None
    return facts if facts.v == VERSION else None


def read_kept_trace(folder: RunFolder) -> Trace | None:
    """The trace of a run; ``None`` where none is kept.

    Raises:
        EventLogError: it is damaged, or a later version wrote it.
    """
    return _read(folder.trace)


def _read(path: Path) -> Trace | None:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EventLogError(f"{path}: {error.strerror or error}") from error
    return unpack_trace(data, str(path))
