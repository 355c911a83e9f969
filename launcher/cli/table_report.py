"""How ``sparkjob table`` shows its answers to people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from launcher.cli import console

if TYPE_CHECKING:
    from launcher.tables.rows import Rows
    from launcher.tables.table_facts import CommitFact, FileFact, TableFacts
    from launcher.tables.vacuum import Vacuumed

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def show(facts: TableFacts) -> None:
    """The table's state."""
    tagged = ", ".join(f"{name} = version {version}" for name, version in facts.tags.items())
    shown = {
        "table": facts.path,
        "version": str(facts.version),
        "rows": "unknown" if facts.rows is None else f"{facts.rows:,}",
        "files": f"{facts.files:,} ({size(facts.bytes)})",
        "partitions": ", ".join(facts.partition_columns),
        "created": facts.created,
        "written": _written(facts.last_commit),
        "tags": tagged,
        "features": ", ".join(facts.features),
    }
    for name, value in shown.items():
        if value:
            console.line(f"{name:<11}{value}")
    console.line()
    kinds = [(str(c["name"]), str(c["type"]), "" if c["nullable"] else "not null") for c in facts.columns]
    _table(("column", "type", ""), kinds)
    settings = {key: value for key, value in facts.properties.items() if not key.startswith("sparkjobs.tag.")}
    if settings:
        console.line()
        _table(("property", "value"), list(settings.items()))


def history(commits: Sequence[CommitFact], tags: Mapping[str, int]) -> None:
    """The commits, newest first."""

    def names(version: int) -> str:
        return " ".join(name for name, tagged in tags.items() if tagged == version)

    rows = [
        (
            str(c.version),
            (c.time or "")[:19].replace("T", " "),
            c.operation,
            _count(c.rows),
            _count(c.files_added),
            _count(c.files_removed),
            c.job or "",
            c.interval or "",
            c.run_id or "",
            names(c.version),
        )
        for c in commits
    ]
    heads = (
        "version",
        "time (UTC)",
        "operation",
        "rows",
        "+files",
        "-files",
        "job",
        "interval",
        "run",
        "tag",
    )
    _table(heads, rows, right=(0, 3, 4, 5))


def files(found: Sequence[FileFact]) -> None:
    """The data files."""
    rows = [
        (
            file.name,
            size(file.bytes),
            _count(file.rows),
            " ".join(f"{k}={v}" for k, v in file.partition.items()),
        )
        for file in found
    ]
    _table(("file", "size", "rows", "partition"), rows, right=(1, 2))
    console.line(f"{len(found):,} files, {size(sum(file.bytes for file in found))}")


def rows(found: Rows) -> None:
    """Some rows."""
    shown = [tuple("null" if value is None else str(plain(value)) for value in row) for row in found.rows]
    numbers = [
        i for i in range(len(found.columns)) if found.rows and isinstance(found.rows[0][i], int | float)
    ]
    _table(found.columns, shown, right=tuple(numbers))
    more = "; there are more (--limit)" if found.more else ""
    console.line(f"{len(found.rows):,} rows{more}")


def vacuumed(done: Vacuumed) -> None:
    """What a vacuum did, or would do."""
    if done.files:
        _table(("file", "size"), [(name, size(bytes_)) for name, bytes_ in done.files], right=(1,))
    kept = "".join(f", tag {name} (version {version})" for name, version in done.kept.items())
    console.line(f"kept: the newest version, what is younger than {done.retain_hours} hours{kept}")
    total = f"{len(done.files):,} files, {size(done.bytes)}"
    console.line(f"deleted {total}" if done.executed else f"would delete {total}; --yes deletes them")


def size(count: int) -> str:
    """Bytes as people read them."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{count:,} B" if unit == 0 else f"{value:,.1f} {_UNITS[unit]}"


def plain(value: Any) -> Any:
    """A cell as a JSON value; times, decimals and bytes become text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)  # JSON has no such numbers
    return value if isinstance(value, str | int | float | bool | type(None)) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _written(commit: CommitFact | None) -> str:
    if commit is None:
        return ""
    by = f" by {commit.job} (run {commit.run_id})" if commit.job else f" by {commit.engine}"
    return f"{commit.time}, {commit.operation}{by}"


def _count(number: int | None) -> str:
    return "" if number is None else f"{number:,}"


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for index, head in enumerate(heads):
        drawn.add_column(head, justify="right" if index in right else "left", overflow="fold")
    for line in lines:
        drawn.add_row(*[Text(cell) for cell in line])
    console.show(drawn, wide=True)
