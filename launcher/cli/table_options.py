"""The arguments and options that the verbs of ``sparkjob table`` share."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sparkjobs.tables.opening import Place

F = TypeVar("F", bound=Callable[..., Any])

table_argument = click.argument("table", metavar="TABLE")


@dataclass(frozen=True)
class Which:
    """Which version is asked for; at most one of the three is given."""

    version: int | None
    tag: str | None
    as_of: str | None

    def __post_init__(self) -> None:
        if sum(item is not None for item in (self.version, self.tag, self.as_of)) > 1:
            raise click.UsageError("--version, --tag and --as-of exclude one another")

    def open(self, place: Place) -> Any:
        """The table at that version."""
        from sparkjobs.tables.opening import open_table

        return open_table(place, self.resolve(place))

    def resolve(self, place: Place) -> int | None:
        """The version's number; ``None`` for the newest."""
        from launcher.tables.table_facts import tags_of
        from launcher.tables.tags import version_of
        from sparkjobs.tables.opening import at_time, open_table

        if self.tag is not None:
            return version_of(tags_of(open_table(place)), self.tag, place.path)
        if self.as_of is not None:
            return at_time(open_table(place), place, self.as_of)
        return self.version


def which_options(function: F) -> F:
    """``--version N``, ``--tag NAME``, ``--as-of TIME``."""
    for option in (
        click.option("--as-of", metavar="TIME", help="The version at a time (UTC unless it says)."),
        click.option("--tag", "tag_name", metavar="NAME", help="The version that a tag names."),
        click.option("--version", type=click.IntRange(min=0), metavar="N", help="The version by its number."),
    ):
        function = option(function)
    return function


def locking_options(function: F) -> F:
    """``--target CLUSTER`` and ``--lock-wait SECONDS``: how a verb that writes locks the table."""

    @functools.wraps(function)
    def locked(target: str, lock_wait_s: float, **given: Any) -> Any:
        from launcher.spec.config.read_profile import read_cluster
        from launcher.tables.table_lock import Locking

        cluster = read_cluster(target, os.environ, Path.cwd())
        return function(locking=Locking(cluster, os.environ, lock_wait_s), **given)

    decorated: Any = locked
    for option in (
        click.option("--lock-wait", "lock_wait_s", type=click.FloatRange(min=0), default=0.0,
                     metavar="SECONDS", help="How long to wait for a run that writes the table."),
        click.option("--target", default="laptop", show_default=True, metavar="CLUSTER",
                     help="Cluster profile of the runs that write the table: it says where locks are."),
    ):  # fmt: skip
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]
