"""The attempts of a task as one chain: what has to run, one after the other, before its partition is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from launcher.records.history.trace import Ended, Tasks


@dataclass(frozen=True)
class Chain:
    """A task.

    Attributes:
        launch_ms: first launch.
        finish_ms: when its partition was done, or given up.
        durations: of its attempts, ms from launch to finish.
        row: of its first attempt in the columns.
    """

    launch_ms: int
    finish_ms: int
    durations: tuple[int, ...]
    row: int


def chains(tasks: Tasks) -> list[Chain]:
    """The tasks of a stage attempt in the order of their launch, index where that is equal."""
    if len(set(tasks.index)) == len(tasks):
        found = [_single(tasks, row) for row in range(len(tasks))]
    else:
        rows: dict[int, list[int]] = {}
        for row, index in enumerate(tasks.index):
            rows.setdefault(index, []).append(row)
        found = [_chain(tasks, sorted(of, key=tasks.launch_ms.__getitem__)) for of in rows.values()]
    return sorted(found, key=lambda chain: (chain.launch_ms, tasks.index[chain.row]))


def _single(tasks: Tasks, row: int) -> Chain:
    launch, finish = tasks.launch_ms[row], tasks.finish_ms[row]
    return Chain(launch, finish, (max(0, finish - launch),), row)


def _chain(tasks: Tasks, rows: Sequence[int]) -> Chain:
    groups = _together(tasks, rows)
    kept = [group for group in groups if _belongs(tasks, group, len(groups))] or groups[-1:]
    finish = max(_end(tasks, group) for group in kept)
    durations = tuple(max(0, _end(tasks, group) - tasks.launch_ms[group[0]]) for group in kept)
    return Chain(tasks.launch_ms[kept[0][0]], finish, durations, kept[0][0])


def _together(tasks: Tasks, rows: Sequence[int]) -> list[list[int]]:
    """Attempts that ran at the same time, as a task and its speculative copy: they count as one."""
    groups: list[list[int]] = []
    end = 0
    for row in rows:
        if groups and tasks.launch_ms[row] < end:
            groups[-1].append(row)
        else:
            groups.append([row])
            end = 0
        end = max(end, tasks.finish_ms[row])
    return groups


def _end(tasks: Tasks, group: Sequence[int]) -> int:
    """The winner's finish; the last one's without a winner."""
    won = [tasks.finish_ms[row] for row in group if tasks.ended[row] == Ended.SUCCESS]
    return min(won) if won else max(tasks.finish_ms[row] for row in group)


def _belongs(tasks: Tasks, group: Sequence[int], groups: int) -> bool:
    """Whether attempts are the task's own doing.

    What was lost with its executor, or killed for reasons of the stage, is no property of the task: the
    replay loses an executor's tasks by itself.
    """
    ended = {tasks.ended[row] for row in group}
    return groups == 1 or bool(ended & {Ended.SUCCESS, Ended.FAILED})
