"""Word count: Unicode words of text, folded and normalised, counted in one scan of the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs import checks
from sparkjobs.errors import UsageError
from sparkjobs.ingest.flows import DELTA, MADE_UP_TEXT, RATE, kind_of
from sparkjobs.ingest.typing import Column
from sparkjobs.job import BatchParams, Job, OutputTable
from sparkjobs.kernels.options import WordOptions
from sparkjobs.languages import stopwords
from sparkjobs.params import param

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from sparkjobs.context import JobContext


@dataclass(frozen=True)
class WordParams:
    """Flags that the batch job and the stream share: what a counted word is."""

    language: str = param(
        "none",
        help="stop words and, for chinese, cutting into words",
        choices=("none", "english", "chinese"),
    )
    stop_words: str | None = param(
        None,
        help="file of more words to leave out, separated by white space",
        metavar="FILE",
        fingerprint=stopwords.from_file,
    )
    min_length: int = param(1, help="shortest word counted, in characters", check=checks.at_least(1))
    ngrams: int = param(
        1, help="neighbouring words of a line counted as one; 1 counts words", check=checks.between(1, 10)
    )
    text_column: str | None = param(None, help="column of the text, for formats that have columns")

    def options(self) -> WordOptions:
        """The choices as the kernels want them; reads the user's stop words."""
        stop = stopwords.of_language(self.language) | set(stopwords.from_file(self.stop_words))
        return WordOptions(self.min_length, stop, self.ngrams)


@dataclass(frozen=True)
class Params(WordParams, BatchParams):
    """Flags of ``wordcount``."""

    top: int | None = param(
        None, help="keep only the N most frequent words (ties in the order of code points)",
        metavar="N", check=checks.at_least(1),
    )  # fmt: skip


def run(context: JobContext, params: Params) -> Sequence[OutputTable]:
    """One table: word string, count bigint."""
    counts = count_input(context, params)
    if params.top is not None:
        counts = counts.orderBy(counts["count"].desc(), counts["word"].asc()).limit(params.top)
    return [OutputTable("words", counts, keys=("word",), at_root=True)]


def count(lines: DataFrame, params: WordParams, options: WordOptions) -> DataFrame:
    """Words of a DataFrame with the column ``value``: what batch and stream share."""
    from sparkjobs.transforms.words import count_lines

    if params.language == "chinese":
        from sparkjobs.languages.chinese import cut_lines

        lines = cut_lines(lines)
    return count_lines(lines, options)


def count_input(context: JobContext, params: WordParams) -> DataFrame:
    """Words of the input by the quickest way that its format allows; a stream does it for each batch."""
    from sparkjobs.transforms.words import count_files

    options = params.options()
    column = params.text_column or (MADE_UP_TEXT if context.source.frame_place is not None else None)
    if column is not None:
        text = context.read_rows([Column("value", "string", required=False, source=column)])
        return count(text, params, options)
    if params.language == "chinese" or context.source.given is not None:
        return count(context.read_lines(), params, options)
    counts, intake = count_files(context.spark, context.source, options)
    context.account(intake)
    return counts


def check_text(params: Any) -> None:
    """Refuse flags that do not go together.

    Raises:
        UsageError: names the flags.
    """
    kind = kind_of(params.input)
    has_columns = params.format not in (None, "text") or kind in (DELTA, RATE)
    if has_columns and params.text_column is None and kind != RATE:
        what = f"--input {params.input[0]}" if kind == DELTA else f"--format {params.format}"
        raise UsageError(f"{what} needs --text-column", "Name the column of the text.")
    if params.text_column is not None and not has_columns:
        raise UsageError("--text-column goes with --format csv, jsonl, parquet or delta")


JOB = Job(
    name="wordcount",
    summary="Count the words of text files.",
    params=Params,
    run=run,
    default_format="text",
    check=check_text,
    operators=lambda params: ("words",),
)
