"""Chinese text has no spaces: runs of Han characters are cut into words by jieba's dictionary."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import EnvironmentProblem
from sparkjobs.worker_imports import forget_archives

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

_HAN = re.compile("[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def cut_lines(lines: DataFrame) -> DataFrame:
    """Put spaces around the Chinese words of ``value``; everything else stays as it is.

    Raises:
        EnvironmentProblem: jieba is missing on the driver (a worker names it in its own error).
    """
    _jieba()
    return lines.select("value").mapInArrow(_cut_batches, "value string")


def cut_text(text: str) -> str:
    """One line with spaces around its Chinese words."""
    jieba = _jieba()
    return _HAN.sub(lambda run: f" {' '.join(jieba.cut(run.group()))} ", text)


def _cut_batches(batches: Iterable[Any]) -> Iterator[Any]:
    import pyarrow as pa

    for batch in batches:
        lines = [None if line is None else cut_text(line) for line in batch.column(0).to_pylist()]
        yield pa.record_batch([pa.array(lines, pa.string())], names=["value"])
    forget_archives()


def _jieba() -> Any:
    try:
        import jieba
    except ImportError as error:
        raise EnvironmentProblem(
            "--language chinese needs the Python package jieba on the driver and on every worker",
            "Install jieba, or ship it: sparkjob package --env and --archives.",
        ) from error
    jieba.setLogLevel(logging.WARNING)
    return jieba
