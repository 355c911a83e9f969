"""What our own jobs refuse, by the classes of ``sparkjobs.errors``; they bring hints of their own."""

from launcher.runs.explain.cause import Cause

_LOOK = "The message says what; docs/inputs.md and docs/writes.md tell the rules."

CAUSES = (
    Cause(
        id="bad-rows",
        looks_like="`BadRowsError`: more bad rows than `--max-bad-rows` allows",
        hint="Mend the input, or allow more with --max-bad-rows; they go to the quarantine table.",
        errors=(r"^BadRowsError: ",),
    ),
    Cause(
        id="broker-away",
        looks_like="`AwayError`: no broker of Kafka answers",
        hint="Check that the brokers run, and that the driver and the executors reach them.",
        errors=(r"^AwayError: ",),
        retry=True,
    ),
    Cause(
        id="checkpoint-locked",
        looks_like="`LockedError`: another driver has the checkpoint",
        hint="One stream for one checkpoint: end the other, or give this one its own.",
        errors=(r"^LockedError: ",),
    ),
    Cause(
        id="input-refused",
        looks_like="`DataError`: missing, truncated, a wrong header",
        hint=_LOOK,
        errors=(r"^DataError: ",),
    ),
    Cause(
        id="write-stale",
        looks_like="`StaleWriteError`: the table's history holds no commit of this run",
        hint="Another run with a later identity wrote the table first; look at its history before "
        "you run again.",
        errors=(r"^StaleWriteError: ",),
    ),
    Cause(
        id="write-refused",
        looks_like="`WriteError`: the table cannot be written, or does not hold what was written",
        hint=_LOOK,
        errors=(r"^WriteError: ",),
    ),
    Cause(
        id="flags-refused",
        looks_like="`UsageError`: flags or configuration",
        hint="sparkjob jobs JOB shows the flags of a job.",
        errors=(r"^UsageError: ",),
    ),
    Cause(
        id="environment-refused",
        looks_like="`EnvironmentProblem`: Java, jars or a package are missing",
        hint="sparkjob doctor finds and mends such problems.",
        errors=(r"^EnvironmentProblem: ",),
    ),
)
