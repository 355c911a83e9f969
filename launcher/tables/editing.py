"""The one door through which a table is changed without Spark."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from launcher.tables.locks.holder import user_name
from launcher.tables.table_lock import Guard, Locking
from sparkjobs import identity
from sparkjobs.errors import StaleWriteError, WriteError
from sparkjobs.tables.history import read_metadata
from sparkjobs.tables.opening import Place, open_table

# What delta-rs writes correctly. Others (deletion vectors, column mapping, row tracking, identity
# columns ...) it would drop or break, or its vacuum would take their files for rubbish.
SAFE_FEATURES = frozenset(
    {"appendOnly", "invariants", "checkConstraints", "changeDataFeed", "generatedColumns", "timestampNtz"}
)
# Writer versions without a list of features: 5 adds column mapping, 6 identity columns.
_SAFE_LEGACY_WRITER = 4
_LISTED_WRITER = 7


@dataclass(frozen=True)
class Edit:
    """A change under way.

    Attributes:
        table: the table, opened at its newest version.
        place: where it stands.
        who: the identity that the commits carry.
        guard: the table's lock.
    """

    table: Any
    place: Place
    who: identity.RunIdentity
    guard: Guard

    def properties(self, **more: Any) -> Any:
        """What each commit of the change carries: userMetadata as that of the jobs, and ``more``."""
        from deltalake import CommitProperties

        metadata = {**json.loads(self.who.metadata()), "user": user_name(), **more}
        return CommitProperties(custom_metadata={"userMetadata": json.dumps(metadata, sort_keys=True)})


@contextmanager
def editing(
    place: Place, action: str, arguments: Mapping[str, Any], locking: Locking | None
) -> Iterator[Edit]:
    """Open a table for a change and hold its lock until the block ends.

    Two writers on one table can lose a commit where the storage has no atomic create. This is the
    place where the table's lock is taken: nothing else in the launcher writes to a table.

    Args:
        place: the table.
        action: what is done, for the commit (``table_restore``).
        arguments: what it is done with, for the commit's config hash.
        locking: how the lock is taken; ``None`` for who only looks.

    Raises:
        WriteError: the table has features that delta-rs does not write.
        Locked: a run has the table.
    """
    started = datetime.now(timezone.utc)
    refuse_unsafe(open_table(place).protocol(), place.path)
    who = identity.RunIdentity(
        job=action,
        interval=identity.start_interval(started).text,
        config_hash=identity.config_hash(arguments),
        run_id=identity.run_id(action, started, uuid.uuid4().hex),
    )
    if locking is None:
        yield Edit(open_table(place), place, who, Guard())
        return
    with locking.hold([place.path], who.run_id, action) as guard:
        # Opened again: who held the lock until now may have written.
        yield Edit(open_table(place), place, replace(who, token=guard.token), guard)


def refuse_unsafe(protocol: Any, path: str) -> None:
    """Refuse to write to a table that needs more than delta-rs can.

    Raises:
        WriteError: names the features.
    """
    features = {*(protocol.writer_features or ()), *(protocol.reader_features or ())}
    unsafe = sorted(features - SAFE_FEATURES)
    if _SAFE_LEGACY_WRITER < protocol.min_writer_version < _LISTED_WRITER:
        unsafe.append(f"writer version {protocol.min_writer_version}")
    if unsafe:
        raise WriteError(
            f"the table {path} has {', '.join(unsafe)}, which cannot be written without Spark",
            "Use Spark: RESTORE, OPTIMIZE and VACUUM in SQL, or sparkjobs.tables.edit from Python.",
        )


def committed(edit: Edit, change: Callable[[Any], Any], what: str, **more: Any) -> int:
    """Make one change and believe it only when the table's history shows it.

    Args:
        edit: the change under way.
        change: does it, given the commit's properties.
        what: for the message, such as ``restore``.
        more: what the commit's userMetadata holds beside the identity.

    Returns:
        The version of the newest commit that carries this identity.

    Raises:
        WriteError: delta-rs refused; the text says why.
        StaleWriteError: the history has no such commit.
        LockLost: the table's lock could not be kept; nothing was changed.
    """
    from deltalake.exceptions import DeltaError

    before = edit.table.version()
    edit.guard.refuse_if_lost()
    try:
        change(edit.properties(**more))
    except (DeltaError, OSError, ValueError) as error:
        raise WriteError(f"the {what} of {edit.place.path} failed: {error}") from error
    for row in open_table(edit.place).history(5):
        mine = read_metadata(row.get("userMetadata")).get("run_id") == edit.who.run_id
        if mine and row["version"] > before:
            return int(row["version"])
    raise StaleWriteError(
        f"the table {edit.place.path} shows no commit of this {what}", "Look at sparkjob table history."
    )
