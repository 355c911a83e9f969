"""Rows made to fit a table's columns: exactly, or not at all.

Delta's ways differ: an append refuses other types, a merge casts them (rounding decimals, cutting
doubles) and leaves columns out that the table lacks. Here one rule holds for every mode: a value may get
a wider type, never another value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sparkjobs.errors import WriteError
from sparkjobs.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType, StructType

SCHEMAS = ("refuse", "evolve")
# Digits that every value of the type fits into, and digits that always fit into the type.
_DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
_HOLDS = {"tinyint": 2, "smallint": 4, "int": 9, "bigint": 18}
_WHOLE_IN = {"float": ("tinyint", "smallint"), "double": ("tinyint", "smallint", "int", "float")}
_CHAR = re.compile(r"char\((\d+)\)")
# Delta computes such columns by itself where the rows lack them.
_COMPUTED = ("delta.generationExpression", "delta.identity.start", "CURRENT_DEFAULT")


@dataclass(frozen=True)
class Difference:
    """How rows differ from a table: ``what`` is ``new``, ``missing`` or ``type``."""

    what: str
    column: str
    detail: str = ""


def fit(rows: DataFrame, table: StructType, path: str, schema: str) -> DataFrame:
    """The rows with the table's types and names.

    Args:
        rows: what is to be written.
        table: the table's columns.
        path: the table, for the message.
        schema: ``refuse``: columns must be the table's; ``evolve``: new ones are kept, missing ones null.

    Raises:
        WriteError: names the columns that do not fit.
    """
    found = list(differences(rows.schema, table))
    _refuse(found, "type", f"the rows have other types than the table {path}", "Cast them before: a write "
            "changes no value.")  # fmt: skip
    if schema == "refuse":
        evolve = '--schema evolve (schema="evolve" in Python)'
        _refuse(found, "new", f"the table {path} lacks columns of the rows", f"{evolve} adds them.")
        _refuse(found, "missing", f"the rows lack columns of the table {path}", f"{evolve} leaves them null.")
    return rows.select(*_fitted(rows, table))


def _refuse(found: list[Difference], what: str, message: str, hint: str) -> None:
    named = [f"{item.column}{item.detail}" for item in found if item.what == what]
    if named:
        raise WriteError(f"{message}: {', '.join(named)}", hint)


def differences(rows: StructType, table: StructType, inside: str = "") -> Iterator[Difference]:
    """What of the rows' columns the table does not hold as it is. Pure."""
    known = {field.name.lower(): field for field in table}
    given = {field.name.lower() for field in rows}
    for field in rows:
        target = known.get(field.name.lower())
        if target is None:
            yield Difference("new", inside + field.name)
        else:
            yield from _of_types(field.dataType, target.dataType, inside + target.name)
    for field in table:
        if field.name.lower() not in given and not any(key in (field.metadata or {}) for key in _COMPUTED):
            yield Difference("missing", inside + field.name)


def _of_types(source: DataType, target: DataType, name: str) -> Iterator[Difference]:
    from pyspark.sql.types import ArrayType, MapType, StructType

    if isinstance(source, StructType) and isinstance(target, StructType):
        yield from differences(source, target, f"{name}.")
    elif isinstance(source, ArrayType) and isinstance(target, ArrayType):
        yield from _of_types(source.elementType, target.elementType, f"{name}.element")
    elif isinstance(source, MapType) and isinstance(target, MapType):
        yield from _of_types(source.keyType, target.keyType, f"{name}.key")
        yield from _of_types(source.valueType, target.valueType, f"{name}.value")
    elif not fits(source, target):
        yield Difference("type", name, f" is {source.simpleString()}, the table's {target.simpleString()}")


def fits(source: DataType, target: DataType) -> bool:
    """Whether every value of one type is the same value in the other. Pure; for types without parts."""
    from pyspark.sql.types import DecimalType, NullType

    if source == target or isinstance(source, NullType):
        return True
    one, other = source.typeName(), target.typeName()
    one, other = _SQL_NAMES.get(one, one), _SQL_NAMES.get(other, other)
    if isinstance(target, DecimalType):
        whole = target.precision - target.scale
        if isinstance(source, DecimalType):
            return source.scale <= target.scale and source.precision - source.scale <= whole
        return _DIGITS.get(one, 39) <= whole
    if isinstance(source, DecimalType) and other in _HOLDS:
        return source.scale == 0 and source.precision <= _HOLDS[other]
    if one in _DIGITS and other in _DIGITS:
        return _DIGITS[one] <= _DIGITS[other]
    return one in _WHOLE_IN.get(other, ())


_SQL_NAMES = {"byte": "tinyint", "short": "smallint", "integer": "int", "long": "bigint"}


def _fitted(rows: DataFrame, table: StructType) -> list[Column]:
    """The table's columns in their order, then the new ones."""
    from pyspark.sql import functions as F

    given = {field.name.lower(): field for field in rows.schema}
    known = {field.name.lower() for field in table}
    columns = []
    for field in table:
        source = given.get(field.name.lower())
        if source is not None:
            value = _padded(_cast(F.col(quoted(source.name)), source.dataType, field.dataType), field)
            columns.append(value.alias(field.name))
        elif not any(key in (field.metadata or {}) for key in _COMPUTED):
            columns.append(F.lit(None).cast(field.dataType).alias(field.name))
    new = [F.col(quoted(name)) for name in rows.columns if name.lower() not in known]
    return [*columns, *new]


def _cast(value: Column, source: DataType, target: DataType) -> Column:
    """The value in the target's type; parts of structs are found by name, missing ones are null."""
    from pyspark.sql import functions as F
    from pyspark.sql.types import ArrayType, MapType, StructType

    if source == target:
        return value
    if isinstance(source, StructType) and isinstance(target, StructType):
        return F.when(value.isNotNull(), F.struct(*_parts(value, source, target)))
    if isinstance(source, ArrayType) and isinstance(target, ArrayType):
        one, other = source.elementType, target.elementType
        return F.transform(value, lambda item: _cast(item, one, other))
    if isinstance(source, MapType) and isinstance(target, MapType):
        keys, values = (source.keyType, target.keyType), (source.valueType, target.valueType)
        keyed = value if keys[0] == keys[1] else F.transform_keys(value, lambda k, _: _cast(k, *keys))
        return F.transform_values(keyed, lambda _, v: _cast(v, *values))
    return value.cast(target)


def _parts(value: Column, source: StructType, target: StructType) -> list[Column]:
    from pyspark.sql import functions as F

    given = {field.name.lower(): field for field in source}
    known = {field.name.lower() for field in target}
    parts = []
    for field in target:
        found = given.get(field.name.lower())
        part: Any = F.lit(None).cast(field.dataType)
        if found is not None:
            part = _cast(value.getField(found.name), found.dataType, field.dataType)
        parts.append(part.alias(field.name))
    new = [field.name for field in source if field.name.lower() not in known]
    return [*parts, *[value.getField(name).alias(name) for name in new]]


def _padded(value: Column, field: Any) -> Column:
    """char(N) is stored padded: a merge compares padded values, and would add the row each time."""
    from pyspark.sql import functions as F

    # CharVarcharUtils.CHAR_VARCHAR_TYPE_STRING_METADATA_KEY; the type itself is a string.
    match = _CHAR.fullmatch(str((field.metadata or {}).get("__CHAR_VARCHAR_TYPE_STRING", "")))
    if match is None:
        return value
    width = int(match.group(1))
    return F.when(F.length(value) < width, F.rpad(value, width, " ")).otherwise(value)
