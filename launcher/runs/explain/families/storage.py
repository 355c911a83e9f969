"""Files, disks and object stores."""

from launcher.runs.explain.cause import Cause

CAUSES = (
    Cause(
        id="disk-full",
        looks_like="`No space left on device`",
        hint="The disk is full: free space, or let spark.local.dir (SPARK_LOCAL_DIRS) name a "
        "larger disk for shuffle and spill.",
        errors=(r"No space left on device|Disk quota exceeded",),
    ),
    Cause(
        id="s3-throttled",
        looks_like="S3: status 503, `SlowDown`",
        hint="The store asks for fewer requests: try again later, write fewer and larger files.",
        errors=(r"AWSServiceThrottledException|SlowDown|Status Code: (?:503|429)",),
        retry=True,
    ),
    Cause(
        id="s3-bucket-missing",
        looks_like="`NoSuchBucket`, `UnknownStoreException`",
        hint="There is no such bucket at this endpoint: check its name, AWS_REGION and AWS_ENDPOINT_URL.",
        errors=(r"NoSuchBucket|UnknownStoreException",),
    ),
    Cause(
        id="scheme-unknown",
        looks_like='`No FileSystem for scheme "s3"`',
        hint="Spark knows no such scheme: S3 is s3a:// here; others need a jar of their own.",
        errors=(r"No FileSystem for scheme",),
    ),
    Cause(
        id="path-exists",
        looks_like="`PATH_ALREADY_EXISTS`",
        hint='The output is there already: write with .mode("overwrite") or "append", or to another path.',
        errors=(r"PATH_ALREADY_EXISTS|FileAlreadyExistsException|TABLE_OR_VIEW_ALREADY_EXISTS",),
    ),
    Cause(
        id="input-vanished",
        looks_like="`FAILED_READ_FILE.FILE_NOT_EXIST`",
        hint="A file was removed while it was read: somebody replaced or vacuumed the data. Do not "
        "write where others read, or write a Delta table.",
        errors=(r"FAILED_READ_FILE\.FILE_NOT_EXIST|It is possible the underlying files have been updated",),
        retry=True,
    ),
    Cause(
        id="path-missing",
        looks_like="`PATH_NOT_FOUND`, `FileNotFoundException`, `FileNotFoundError`",
        hint="There is nothing at this path: check its spelling, and that the workers see it too; "
        "a path without a scheme may mean HDFS there.",
        errors=(
            r"PATH_NOT_FOUND|FileNotFoundException|FileNotFoundError|NoSuchFileException"
            r"|Input path does not exist|NoSuchKey",
        ),
    ),
)
