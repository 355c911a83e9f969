"""Delta tables and checkpoints of streams."""

from launcher.runs.explain.cause import Cause

CAUSES = (
    Cause(
        id="delta-conflict",
        looks_like="`ConcurrentAppendException`, `DELTA_CONCURRENT_...`",
        hint="Another writer changed the table meanwhile. Nothing was written: run it again, and "
        "let one writer at a time work on a table.",
        errors=(
            r"DELTA_CONCURRENT_|Concurrent(?:Append|DeleteRead|DeleteDelete|Transaction|Write)Exception"
            r"|MetadataChangedException|ProtocolChangedException|DELTA_(?:METADATA|PROTOCOL)_CHANGED",
        ),
        retry=True,
    ),
    Cause(
        id="schema-mismatch",
        looks_like="`_LEGACY_ERROR_TEMP_DELTA_0007`, `DELTA_FAILED_TO_MERGE_FIELDS`",
        hint="The rows have other columns or types than the table: select and cast to the table's "
        "columns, or write with mergeSchema where new columns are wanted.",
        errors=(
            r"_LEGACY_ERROR_TEMP_DELTA_0007|DELTA_FAILED_TO_MERGE_FIELDS|DELTA_MERGE_INCOMPATIBLE"
            r"|DELTA_SCHEMA_\w*MISMATCH|[Aa] schema mismatch detected|INCOMPATIBLE_DATA_FOR_TABLE"
            r"|INSERT_COLUMN_ARITY_MISMATCH",
        ),
    ),
    Cause(
        id="not-a-delta-table",
        looks_like="`DELTA_TABLE_NOT_FOUND`, `is not a Delta table`",
        hint="There is no Delta table at this path: a folder of Parquet files is none. Check the "
        "path, or write the table first.",
        errors=(
            r"DELTA_TABLE_NOT_FOUND|DELTA_MISSING_DELTA_TABLE|DELTA_PATH_DOES_NOT_EXIST|is not a Delta table",
        ),
    ),
    Cause(
        id="checkpoint-in-use",
        looks_like="`CONCURRENT_STREAM_LOG_UPDATE`, `Multiple streaming queries are concurrently using`",
        hint="Two queries write one checkpoint, or its newest commit was half deleted: give each "
        "query its own --checkpoint; of a deleted commits/N remove commits/.N.crc too.",
        errors=(r"CONCURRENT_STREAM_LOG_UPDATE|Multiple streaming queries are concurrently using",),
    ),
)
