"""What the data or the query holds."""

from launcher.runs.explain.cause import Cause

CAUSES = (
    Cause(
        id="overflow",
        looks_like="`ARITHMETIC_OVERFLOW`",
        hint="A number grew beyond its type: cast to decimal(38, 0) or double before adding up, or "
        "use try_add and its kin, which give NULL.",
        errors=(r"ARITHMETIC_OVERFLOW|BINARY_ARITHMETIC_OVERFLOW",),
    ),
    Cause(
        id="value-out-of-range",
        looks_like="`NUMERIC_VALUE_OUT_OF_RANGE`, `CAST_OVERFLOW`",
        hint="A value does not fit the type: give the decimal more digits or take a wider type; "
        "try_cast gives NULL instead.",
        errors=(r"NUMERIC_VALUE_OUT_OF_RANGE|CAST_OVERFLOW|DECIMAL_PRECISION_EXCEEDS",),
    ),
    Cause(
        id="bad-date",
        looks_like="`CANNOT_PARSE_TIMESTAMP`",
        hint="A text is no date in the given format: name the right format, or use "
        "try_to_timestamp, which gives NULL.",
        errors=(r"CANNOT_PARSE_TIMESTAMP|CANNOT_PARSE_TIME|INVALID_DATETIME_PATTERN",),
    ),
    Cause(
        id="bad-cast",
        looks_like="`CAST_INVALID_INPUT`",
        hint="A text is no value of the wanted type: clean the column first, or use try_cast, "
        "which gives NULL.",
        errors=(r"CAST_INVALID_INPUT",),
    ),
    Cause(
        id="division-by-zero",
        looks_like="`DIVIDE_BY_ZERO`",
        hint="Some divisor is 0: filter those rows, or use try_divide, which gives NULL.",
        errors=(r"DIVIDE_BY_ZERO",),
    ),
    Cause(
        id="column-not-found",
        looks_like="`UNRESOLVED_COLUMN`",
        hint="There is no such column: check its name against those that Spark suggests, and the "
        "input's header.",
        errors=(r"UNRESOLVED_COLUMN|UNRESOLVED_MAP_KEY|UNRESOLVED_FIELD|FIELD_NOT_FOUND",),
    ),
    Cause(
        id="column-ambiguous",
        looks_like="`AMBIGUOUS_REFERENCE`",
        hint="Several columns have this name, mostly after a join: join by column name, rename, or "
        "use an alias.",
        errors=(r"AMBIGUOUS_REFERENCE|AMBIGUOUS_COLUMN",),
    ),
    Cause(
        id="type-mismatch",
        looks_like="`DATATYPE_MISMATCH`",
        hint="An expression got a type that it cannot work with: cast the column that is named.",
        errors=(r"DATATYPE_MISMATCH",),
    ),
    Cause(
        id="sql-syntax",
        looks_like="`PARSE_SYNTAX_ERROR`",
        hint="The SQL text is not valid at the place that is marked.",
        errors=(r"PARSE_SYNTAX_ERROR|PARSE_EMPTY_STATEMENT|INVALID_SQL_SYNTAX|ParseException",),
    ),
    Cause(
        id="table-not-found",
        looks_like="`TABLE_OR_VIEW_NOT_FOUND`",
        hint="The catalogue of this session has no such table: check name and schema; a table that "
        "is only a path is read as delta.`/path`.",
        errors=(r"TABLE_OR_VIEW_NOT_FOUND|SCHEMA_NOT_FOUND|NoSuchTableException|NoSuchNamespaceException",),
    ),
    Cause(
        id="file-of-another-type",
        looks_like="`PARQUET_COLUMN_DATA_TYPE_MISMATCH`",
        hint="A file holds another type than the schema that it is read with: read it without a schema "
        "and cast afterwards, or write that file again.",
        errors=(r"PARQUET_COLUMN_DATA_TYPE_MISMATCH|SchemaColumnConvertNotSupportedException",),
        recorded=False,
    ),
    Cause(
        id="file-corrupt",
        looks_like="`FAILED_READ_FILE`, `is not a Parquet file`",
        hint="A file is not of the expected format or was cut short: the message names it. Check "
        "the path for strangers among the files, and write the file again.",
        errors=(
            r"is not a Parquet file|FAILED_READ_FILE|CANNOT_READ_FILE_FOOTER|MALFORMED_RECORD_IN_PARSING"
            r"|Unexpected end of (?:ZLIB )?input stream|not in gzip format",
        ),
    ),
)
