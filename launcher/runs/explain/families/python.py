"""Python: the interpreter, its packages, the script."""

from launcher.runs.explain.cause import IN_TASK, Cause

CAUSES = (
    Cause(
        id="python-not-found",
        looks_like='`Cannot run program "python3"`',
        hint="The workers have no such Python: set PYSPARK_PYTHON (or spark.pyspark.python) to one "
        "that every node has, or send one along: sparkjob package --env.",
        errors=(r'Cannot run program "[^"]*python[^"]*"',),
        lines=(r"env: .?python[\d.]*.?: No such file or directory",),
    ),
    Cause(
        id="python-versions-differ",
        looks_like="`PYTHON_VERSION_MISMATCH`",
        hint="Driver and workers must run the same minor version of Python: set PYSPARK_PYTHON on "
        "the workers and PYSPARK_DRIVER_PYTHON here to the same one.",
        errors=(r"PYTHON_VERSION_MISMATCH|Python in worker has different version",),
    ),
    Cause(
        id="worker-module-missing",
        looks_like="in a task: `ModuleNotFoundError`",
        hint="The workers lack a Python package that the driver has: send it along with "
        "--py-files, or a whole environment with sparkjob package --env and --archives.",
        errors=(rf"^{IN_TASK}(?s:.*)(?:ModuleNotFoundError|ImportError|PACKAGE_NOT_INSTALLED)",),
    ),
    Cause(
        id="module-missing",
        looks_like="`ModuleNotFoundError`, `PACKAGE_NOT_INSTALLED`",
        hint="The driver's Python lacks this package: install it there, or name its files with --py-files.",
        errors=(r"ModuleNotFoundError|\bImportError|PACKAGE_NOT_INSTALLED|PySparkImportError",),
    ),
    Cause(
        id="script-not-found",
        looks_like="`python: can't open file`",
        hint="The script is not at this path: check its spelling; a relative path counts from "
        "where you start it.",
        lines=(r"can't open file '[^']*'",),
    ),
    Cause(
        id="script-syntax",
        looks_like="`SyntaxError`, `IndentationError`",
        hint="The script is no valid Python for the Python that runs it: mend the line that is named.",
        errors=(r"(?:^|\s)(?:SyntaxError|IndentationError|TabError)\b",),
    ),
    Cause(
        id="session-in-task",
        looks_like="`CONTEXT_ONLY_VALID_ON_DRIVER`",
        hint="A function that runs in tasks uses the session, the context or a DataFrame: these "
        "live in the driver only. Join with the other DataFrame, or collect it first and "
        "broadcast its values.",
        errors=(r"CONTEXT_ONLY_VALID_ON_DRIVER|SparkContext can only be used on the driver",),
    ),
    Cause(
        id="not-serializable",
        looks_like="`PicklingError`, `Could not serialize object`, `Task not serializable`",
        hint="A function that runs in tasks holds something that cannot be sent to them, such as a "
        "lock, an open file or a client: make it inside the function, once a partition "
        "(mapPartitions).",
        errors=(r"PicklingError|Could not serialize object|cannot pickle|Task not serializable",),
    ),
)
