"""Patterns of versions; ``conf/compatibility.yaml`` explains them."""

from __future__ import annotations

import re


def matches(pattern: str, version: str) -> bool:
    """Whether ``version`` fits every part of ``pattern``."""
    return all(_fits(part, version) for part in pattern.split())


def _fits(part: str, version: str) -> bool:
    if part == "*":
        return True
    if part.endswith(".*"):
        return version.startswith(part[:-1])
    match = re.fullmatch(r"(<=|>=|<|>)?(.+)", part)
    assert match is not None  # "(.+)" takes any text that split() leaves
    operator, bound = match.groups()
    ours, theirs = _numbers(version), _numbers(bound)
    return {
        "<": ours < theirs,
        "<=": ours <= theirs,
        ">": ours > theirs,
        ">=": ours >= theirs,
        None: version == bound,
    }[operator]


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(number) for number in re.findall(r"[0-9]{1,9}", version)]
    while numbers and numbers[-1] == 0:  # 4.3 and 4.3.0 are the same bound
        numbers.pop()
    return tuple(numbers)
