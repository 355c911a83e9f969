"""Whether bytes are UTF-8, as an expression that also a GPU runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import Column

# One character as hexadecimal digits: the rows of table 3-7 of the Unicode Standard, Well-Formed UTF-8.
_TAIL = "[89AB][0-9A-F]"
_CHARACTER = "|".join(
    (
        "[0-7][0-9A-F]",
        f"C[2-9A-F]{_TAIL}",
        f"D[0-9A-F]{_TAIL}",
        f"E0[AB][0-9A-F]{_TAIL}",
        f"E[1-9A-CEF]{_TAIL}{_TAIL}",
        f"ED[89][0-9A-F]{_TAIL}",
        f"F0[9AB][0-9A-F]{_TAIL}{_TAIL}",
        f"F[1-3]{_TAIL}{_TAIL}{_TAIL}",
        f"F48[0-9A-F]{_TAIL}{_TAIL}",
    )
)


def is_utf8(text: Column, gpu: bool) -> Column:
    """Whether a string's bytes are UTF-8.

    Args:
        text: a string, as Parquet files and casts from binary may hold any bytes.
        gpu: whether RAPIDS plans the query. It does not know ``is_valid_utf8`` ("Unsupported invoke expr"),
            which would take the whole step off the GPU.
    """
    from pyspark.sql import functions as F

    if not gpu:
        return F.is_valid_utf8(text)
    # Characters are taken away from the front. The first that is none leaves a digit: a search that goes on
    # from there does not come back.
    return F.regexp_replace(F.hex(text), f"(?:{_CHARACTER})", "") == ""
