"""SQL expressions from users, checked before they run.

An expression can call into the JVM (``reflect``, ``java_method``) or read other tables (a subquery)
as soon as Spark analyses it. So the text is parsed by Spark's own parser, which evaluates nothing,
and only column references, literals, operators and the functions listed here pass.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import UsageError
from sparkjobs.jvm import java_session, jvm_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LONGEST = 2000

# Names of Catalyst classes that the parser makes of operators, CASE, CAST and predicates.
_OPERATORS = frozenset(
    "Literal Add Subtract Multiply Divide IntegralDivide Remainder UnaryMinus UnaryPositive "
    "BitwiseAnd BitwiseOr BitwiseXor BitwiseNot EqualTo EqualNullSafe LessThan LessThanOrEqual "
    "GreaterThan GreaterThanOrEqual And Or Not IsNull IsNotNull IsTrue IsFalse IsUnknown IsNotUnknown "
    "In Between UnresolvedBetween Like ILike RLike CaseWhen If Cast Concat Coalesce "
    "UnresolvedAttribute UnresolvedFunction".split()
)

FUNCTIONS = frozenset(
    "abs acos asin atan atan2 bround cbrt ceil ceiling cos cosh degrees exp expm1 floor greatest hypot "
    "least ln log log10 log1p log2 mod negative pi pmod positive pow power radians rint round sign "
    "signum sin sinh sqrt tan tanh try_add try_divide try_multiply try_subtract width_bucket "
    "coalesce if ifnull isnan isnotnull isnull nanvl nullif nvl nvl2 "
    "btrim char_length character_length concat concat_ws contains endswith initcap instr lcase left "
    "length levenshtein locate lower ltrim overlay regexp_extract regexp_like regexp_replace "
    "replace reverse right rlike rtrim split_part startswith substr substring "
    "substring_index translate trim ucase upper "
    "add_months date_add date_diff date_format date_sub date_trunc datediff day dayofmonth dayofweek "
    "dayofyear hour last_day make_date minute month months_between next_day quarter second "
    "timestamp_micros timestamp_millis timestamp_seconds to_date to_timestamp trunc try_to_timestamp "
    "unix_date unix_micros unix_millis unix_seconds unix_timestamp weekday weekofyear year "
    "bigint boolean date decimal double float int string timestamp tinyint smallint "
    "between hash md5 sha1 sha2 xxhash64 crc32".split()
)


# Typed literals of the clock: an equal run would compute other rows.
_CLOCK = re.compile(r"\b(date|timestamp\w*)\s*(['\"])\s*(now|today|tomorrow|yesterday)\b", re.IGNORECASE)


def check_expression(spark: SparkSession, text: str, columns: Collection[str], what: str) -> None:
    """Refuse an expression that does more than compute from the row's columns.

    Args:
        spark: the session whose parser reads the text.
        text: the SQL expression.
        columns: names that it may refer to (Spark compares them without regard to case).
        what: where it stands, for the message (``--derive age``).

    Raises:
        UsageError: not an expression, an unknown column, a function or construct that is not allowed.
    """
    if len(text) > LONGEST:
        raise UsageError(f"{what}: the expression is longer than {LONGEST} characters")
    if _CLOCK.search(text):
        raise UsageError(f"{what}: the time of the run is not allowed", "Name the time itself.")
    known = {name.lower() for name in columns}
    for node in _nodes(spark, _parse(spark, text, what)):
        _check_node(node, known, what)


def referenced(spark: SparkSession, text: str, what: str) -> tuple[str, ...]:
    """The column names that a checked expression refers to, in order, each once."""
    names = [_column(node) for node in _nodes(spark, _parse(spark, text, what)) if _is_column(node)]
    return tuple(dict.fromkeys(names))


def _parse(spark: SparkSession, text: str, what: str) -> Any:
    try:
        return java_session(spark).sessionState().sqlParser().parseExpression(text)
    except Exception as error:
        first = re.sub(r"\s+", " ", str(error)).strip()[:200]
        raise UsageError(f"{what}: {text!r} is not a SQL expression: {first}") from error


def _nodes(spark: SparkSession, root: Any) -> Iterator[Any]:
    # children() is a Scala Seq, over which py4j cannot iterate.
    as_java = jvm_of(spark).scala.jdk.javaapi.CollectionConverters.asJava
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(as_java(node.children()))))


def _kind(node: Any) -> str:
    return str(node.getClass().getSimpleName())


def _is_column(node: Any) -> bool:
    return _kind(node) == "UnresolvedAttribute"


def _column(node: Any) -> str:
    """The name as written; backquotes are taken off."""
    return str(node.nameParts().mkString("."))


def _check_node(node: Any, known: Collection[str], what: str) -> None:
    kind = _kind(node)
    if kind not in _OPERATORS:
        raise UsageError(
            f"{what}: {_shown(node)} is not allowed ({kind})",
            "Use columns, literals, operators and plain functions of the row.",
        )
    if _is_column(node) and _column(node).lower() not in known:
        raise UsageError(f"{what}: no column {_column(node)!r}", f"It may use: {', '.join(sorted(known))}.")
    if kind == "UnresolvedFunction":
        _check_function(node, what)


def _check_function(node: Any, what: str) -> None:
    name = str(node.nameParts().mkString(".")).lower()
    clock = name != "pi" and node.arguments().isEmpty()
    if name not in FUNCTIONS or clock or node.filter().isDefined() or node.isDistinct():
        raise UsageError(
            f"{what}: the function {name!r} is not allowed",
            "Functions of the row alone are: abs, round, sqrt, coalesce, if, upper, date_trunc, ...",
        )


def _shown(node: Any) -> str:
    return repr(str(node.toString())[:80])
