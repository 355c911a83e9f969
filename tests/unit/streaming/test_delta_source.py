"""What commits bring to a stream, how files are cut into lists, and where a look goes on."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from sparkjobs.errors import DataError, WriteError
from sparkjobs.ingest.storage import S3Settings
from sparkjobs.streaming.folder import Folder
from sparkjobs.streaming.sources.delta import source as delta_source
from sparkjobs.streaming.sources.delta.commits import (
    TableCommit,
    changes_rows,
    refuse_lost_columns,
    rows_of,
    taken,
)
from sparkjobs.streaming.sources.delta.lines import Inserted, cut, from_line, to_line
from sparkjobs.streaming.sources.delta.position import (
    NAME,
    Next,
    Position,
    keep_position,
    next_of,
    read_position,
    with_columns,
)
from sparkjobs.streaming.sources.lists import Lists


def add(path: str, rows: int | None = 1, **more: Any) -> dict[str, Any]:
    stats = {} if rows is None else {"stats": json.dumps({"numRecords": rows})}
    return {"path": path, "dataChange": True, **stats, **more}


def commit(*actions: dict[str, Any], operation: str = "WRITE") -> TableCommit:
    return TableCommit(7, ({"commitInfo": {"operation": operation}}, *actions))


INSERT = commit({"add": add("a")}, {"add": add("b")})
COMPACTION = commit(
    {"remove": {"path": "a", "dataChange": False}}, {"add": add("c", dataChange=False)}, operation="OPTIMIZE"
)
UPDATE = commit({"remove": {"path": "a", "dataChange": True}}, {"add": add("d")}, operation="UPDATE")
DELETE = commit({"remove": {"path": "a"}}, operation="DELETE")


def test_inserts_are_taken_and_compactions_bring_nothing() -> None:
    assert [file["path"] for file in taken(INSERT, "/t", "refuse")] == ["a", "b"]
    assert taken(COMPACTION, "/t", "refuse") == []
    assert not changes_rows(COMPACTION)


@pytest.mark.parametrize("changing", [UPDATE, DELETE])
def test_a_commit_that_changes_rows_is_refused_or_passed_over_as_a_whole(changing: TableCommit) -> None:
    with pytest.raises(DataError, match=r"version 7 of /t changes or deletes rows \((UPDATE|DELETE)\)"):
        taken(changing, "/t", "refuse")
    assert taken(changing, "/t", "skip") == []


def test_rows_of_a_file_are_those_that_its_deletion_vector_leaves() -> None:
    assert rows_of(add("a", 10)) == 10
    assert rows_of(add("a", 10, deletionVector={"cardinality": 3})) == 7
    assert rows_of(add("a", None)) is None
    assert rows_of({"path": "a", "stats": "no json"}) is None
    assert rows_of({"path": "a", "stats": '{"numRecords": "x"}'}) is None


def plain(*names: str) -> dict[str, str]:
    """Columns that the files have by their own names."""
    return {name: name for name in names}


def test_columns_may_come_and_not_go() -> None:
    refuse_lost_columns("/t", plain("a", "b"), plain("b", "c", "a"))
    with pytest.raises(DataError, match="/t has no column b any more"):
        refuse_lost_columns("/t", plain("a", "b"), plain("a", "B"))


def test_a_column_under_the_name_of_another_is_told_by_what_its_files_call_it() -> None:
    # Renamed into each other; dropped and made anew. Neither is a column that came.
    with pytest.raises(DataError, match=r"the columns a, b of /t are others"):
        refuse_lost_columns("/t", plain("a", "b"), {"a": "b", "b": "a"})
    with pytest.raises(DataError, match=r"the columns b of /t are others"):
        refuse_lost_columns("/t", plain("a", "b"), {"a": "a", "b": "col-7"})


def test_columns_that_came_are_kept_beside_those_of_the_start() -> None:
    assert with_columns(POSITION, plain("a")) is None
    grown = with_columns(POSITION, plain("b", "a"))
    assert grown is not None
    assert (grown.columns, grown.added, grown.looked) == (plain("b", "a"), ("b",), 9)
    again = with_columns(grown, {**plain("a", "b"), "c": "col-1"})
    assert again is not None
    assert again.added == ("b", "c")
    assert with_columns(again, {**plain("a", "b"), "c": "col-1"}) is None


def inserted(*names: str, version: int = 3, rows: int | None = 10) -> list[Inserted]:
    return [Inserted(version, add(name, rows)) for name in names]


def test_a_line_holds_all_that_reads_the_file() -> None:
    file = Inserted(5, add("p=%20x/a", 3, partitionValues={"p": None}, tags={"k": "v"}))
    line = to_line(12, file)
    assert json.loads(line)["list"] == 12
    assert from_line(line) == file


def test_pieces_are_bound_by_files_and_by_rows_and_a_file_is_never_cut() -> None:
    files = inserted("a", "b", "c", "d", "e")
    assert [len(piece) for piece in cut(files, 2)] == [2, 2, 1]
    assert [len(piece) for piece in cut(files, 100, 25)] == [2, 2, 1]
    assert [len(piece) for piece in cut(files, 100, 5)] == [1] * 5
    assert [len(piece) for piece in cut(inserted("a", "b", rows=None), 100, 5)] == [2]
    assert list(cut([], 2)) == []


POSITION = Position("id", start=4, whole=True, columns={"a": "a"}, looked=9, lists=2)


def no_list(number: int) -> list[Inserted]:
    raise AssertionError(number)


def test_after_a_whole_look_the_next_version_follows() -> None:
    assert next_of(POSITION, 2, no_list) == Next(10)


def test_before_the_first_list_it_begins_at_the_start() -> None:
    begun = Position("id", 4, True, {"a": "a"}, looked=3, lists=0)
    assert next_of(begun, 0, no_list) == Next(4)
    # A reset took all lists away.
    assert next_of(POSITION, 0, no_list) == Next(4)
    assert next_of(Position("id", 4, False, {}, 9, 2), 0, no_list) == Next(5)


def test_a_look_that_was_cut_off_goes_on_in_the_version_in_which_it_was() -> None:
    lists = [
        inserted("a", version=4),
        inserted("b", version=8),
        [*inserted("c", version=9), *inserted("d", version=10)],
        inserted("e", version=10),
    ]
    assert next_of(POSITION, 4, lists.__getitem__) == Next(10, frozenset({(10, "d"), (10, "e")}))
    # A reset left the first two.
    assert next_of(Position("id", 4, True, {}, 9, 3), 2, lists.__getitem__) == Next(8, frozenset({(8, "b")}))


def test_lists_of_late_rows_say_nothing_of_the_table() -> None:
    lists = [inserted("a", version=4), inserted("b", version=8), [], []]
    assert next_of(POSITION, 4, lists.__getitem__) == Next(10)  # and versions before it may be cleaned up
    began = Position("id", 4, True, (), 3, 0)
    assert next_of(began, 1, [[]].__getitem__) == Next(4)
    # A look that was cut off on both sides of such a list.
    lists = [
        inserted("a", version=4),
        inserted("b", version=8),
        inserted("c", version=9),
        [],
        inserted("d", version=9),
    ]
    found = next_of(Position("id", 4, True, (), 8, 2), 5, lists.__getitem__)
    assert found == Next(9, frozenset({(9, "c"), (9, "d")}))


class Table:
    """What the log of a table would say."""

    def __init__(self) -> None:
        self.log: list[TableCommit] = []

    def refuse_missing(self) -> None: ...

    def newest(self) -> tuple[int, str, dict[str, str]]:
        return len(self.log) - 1, "id", {"a": "a"}

    def files(self, version: int) -> list[Any]:
        return [file for one in self.log[: version + 1] for file in one.of("add")]

    def commits(self, version: int) -> list[TableCommit]:
        return self.log[version:]

    def commit(self, *actions: Any) -> None:
        self.log.append(TableCommit(len(self.log), actions))


def test_what_is_inserted_while_a_batch_runs_late_is_lag(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, now = Table(), [100.0]
    monkeypatch.setattr(delta_source, "TableReader", lambda *_: table)
    monkeypatch.setattr(delta_source.time, "monotonic", lambda: now[0])
    table.commit({"add": add("a", 10)})
    flags = {"start": None, "trigger": "10 seconds", "changes": "skip", "max_rows_per_batch": None}
    run: Any = SimpleNamespace(params=SimpleNamespace(**flags, max_files_per_batch=9, timezone="UTC"))
    folder, none = Folder(str(tmp_path), S3Settings()), cast("Any", None)
    source = delta_source.DeltaSource(none, run, none, folder, Lists(folder), 0, "/t")
    source.look()
    assert source.lag() == {"rows": 10}
    source.taken(source.lists.read(0), ())
    table.commit({"add": add("b", 7)})
    table.commit({"remove": {"path": "a"}}, {"add": add("c", 9)})
    now[0] += 9.9
    assert source.lag() == {"rows": 0}  # the next look is not due yet
    now[0] += 0.1
    assert source.lag() == {"rows": 7}
    source.look()
    assert source.lag() == {"rows": 7}
    (told,) = source.warnings
    assert told == (
        "1 commits of /t change rows and were passed over (--changes skip), "
        "such as version 2, an unknown operation"
    )


def test_the_position_is_kept_beside_the_checkpoint(tmp_path: Path) -> None:
    checkpoint = Folder(str(tmp_path), S3Settings.from_environment({}))
    assert read_position(checkpoint) is None
    keep_position(checkpoint, POSITION)
    assert read_position(checkpoint) == POSITION
    grown = with_columns(POSITION, plain("a", "b"))
    assert grown is not None
    keep_position(checkpoint, grown)
    assert read_position(checkpoint) == grown
    (tmp_path / NAME).write_text("{")
    with pytest.raises(WriteError, match=r"delta\.json cannot be read"):
        read_position(checkpoint)
