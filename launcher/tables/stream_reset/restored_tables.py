"""Taking one table of a stream back to a batch, by one commit that carries the batch's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from launcher.tables import tags as tagging
from launcher.tables.changes import paths_of, refuse_incomplete, set_properties
from launcher.tables.editing import Edit, committed, refuse_unsafe
from launcher.tables.stream_reset.intent import Intent, TableTarget
from launcher.tables.table_facts import tags_of
from launcher.tables.table_storage import refuse_unnameable
from sparkjobs.errors import DataError, WriteError
from sparkjobs.tables.history import read_metadata
from sparkjobs.tables.opening import Place, open_table

ACTION = "stream_reset"
# Changes of a table that leave its rows as they are: to undo them loses nothing.
_UPKEEP = frozenset({"OPTIMIZE", "VACUUM START", "VACUUM END"})
_UPKEEP_ACTIONS = frozenset({"table_optimize", "table_vacuum", "table_tag", ACTION})
_RESET = "reset"


def target_of(place: Place, query_id: str, to: int, job: str) -> TableTarget | None:
    """What a table is taken back to; ``None``: it holds no later batch. Nothing is changed.

    Args:
        place: the table.
        query_id: the stream's.
        to: the batch.
        job: the stream's name, which its commits tell.

    Raises:
        WriteError: files of the version were vacuumed, somebody else has written since, or the table has
            features that delta-rs does not write.
        DataError: the log of the version was cleaned up.
    """
    table = open_table(place)
    held = table.transaction_version(query_id)
    if held is None or held <= to:
        return None
    newest = table.version()
    refuse_unsafe(table.protocol(), place.path)
    version = _version_after(place, newest, query_id, to)
    refuse_foreign(table.history(), -1 if version is None else version, job, place.path, to)
    if version is not None:
        refuse_incomplete(place, version)
        refuse_unnameable(paths_of(table) - paths_of(open_table(place, version)), place.path)
    return TableTarget(path=place.path, newest=newest, version=version)


def _version_after(place: Place, newest: int, query_id: str, to: int) -> int | None:
    """The newest version that holds no batch after ``to``; ``None``: the first one holds one already."""
    for version in range(newest - 1, -1, -1):
        try:
            held = open_table(place, version).transaction_version(query_id)
        except DataError as error:
            raise DataError(
                f"the version of {place.path} after batch {to} can no longer be read: the log before "
                f"version {version + 1} was cleaned up",
                "Choose a later batch.",
            ) from error
        if held is None or held <= to:
            return version
    return None


def refuse_foreign(history: Iterable[Mapping[str, Any]], after: int, job: str, path: str, to: int) -> None:
    """Refuse to undo the work of others. Pure.

    Args:
        history: the table's commits.
        after: the version that the table is taken back to; those above it are undone.
        job: the stream's name.
        path: the table, for the message.
        to: the batch, for the message.

    Raises:
        WriteError: names the newest commit that is not the stream's.
    """
    for commit in history:
        if commit["version"] <= after or commit["operation"] in _UPKEEP:
            continue
        writer = read_metadata(commit.get("userMetadata")).get("job")
        if writer not in _UPKEEP_ACTIONS | {job}:
            what = f"{commit['operation']} by {writer or 'somebody else'}"
            raise WriteError(
                f"version {commit['version']} of {path} ({what}) came after batch {to}: it would be undone",
                "Take that change back first (sparkjob table restore), or choose a later batch.",
            )


def take_back(edit: Edit, target: TableTarget, intent: Intent) -> None:
    """Take a table back, unless this reset has done it already.

    Raises:
        WriteError: somebody has written since the reset was begun.
    """
    if _is_done(edit.table, edit.place, target, intent):
        return
    tags = tags_of(edit.table)
    told = {_RESET: intent.id, "batch": intent.to, **({tagging.RESTORED: tags} if tags else {})}
    committed(edit, lambda carried: _undo(edit.table, target, _with_batch(carried, intent)), "reset", **told)
    if tags and target.version is not None:
        # The properties are those of the old version now: it knew nothing of the tags.
        table = open_table(edit.place)
        new = tagging.as_properties(tags)
        committed(edit, lambda carried: set_properties(table, new, carried), "tag", **{_RESET: intent.id})


def _is_done(table: Any, place: Place, target: TableTarget, intent: Intent) -> bool:
    newer = [commit for commit in table.history() if commit["version"] > target.newest]
    if any(read_metadata(commit.get("userMetadata")).get(_RESET) == intent.id for commit in newer):
        return True
    # Upkeep, or a change that was taken back meanwhile, is no other table.
    if newer and paths_of(table) != paths_of(open_table(place, target.newest)):
        raise WriteError(
            f"version {newer[0]['version']} of {target.path} was written after the reset to batch "
            f"{intent.to} was begun",
            f"Take it back (sparkjob table restore {target.path} --version {target.newest}), then repeat.",
        )
    return False


def _undo(table: Any, target: TableTarget, carried: Any) -> None:
    if target.version is not None:
        table.restore(target.version, commit_properties=carried)
    elif paths_of(table):
        table.delete(commit_properties=carried)
    else:
        # A delete that finds no file makes no commit, and one must carry the transaction.
        partitions = table.metadata().partition_columns
        table.create_write_transaction([], "append", table.schema(), partitions, commit_properties=carried)


def _with_batch(carried: Any, intent: Intent) -> Any:
    """The transaction of the batch: with the newest one of before, Delta would drop what is repeated."""
    from deltalake import Transaction

    carried.app_transactions = [Transaction(intent.query_id, intent.to)]
    return carried
