"""Executors that died, too little memory, results too large. With ``memory``: relaunched with more."""

from launcher.runs.explain.cause import BY_MANAGER, IN_TASK, Cause

_HEAP = r"OutOfMemoryError: (?:Java heap space|GC overhead limit exceeded|Requested array size)"
_CONTAINER = (
    r"(?:OOMKilled|exceeding (?:physical |virtual )?memory limits"
    r"|beyond (?:the )?'?(?:physical|virtual|PHYSICAL|VIRTUAL)'? memory limits?)"
)
_OF_EXECUTOR = r"Lost task|ExecutorLostFailure|xecutor"

CAUSES = (
    Cause(
        id="driver-container-memory",
        looks_like="the container or pod of the driver: `beyond the 'PHYSICAL' memory limit`, `OOMKilled`",
        hint="The driver needs more memory beside its heap: raise spark.driver.memoryOverhead, or "
        "collect less.",
        errors=(rf"(?s)^{BY_MANAGER}(?!.*(?:{_OF_EXECUTOR})).*{_CONTAINER}",),
        memory="driver overhead",
        recorded=False,
    ),
    Cause(
        id="executor-container-memory",
        looks_like="`Container killed by YARN for exceeding physical memory limits`, pod reason `OOMKilled`",
        hint="Executors need more memory beside their heap, which Python workers and native "
        "buffers use: raise spark.executor.memoryOverhead, or give an executor fewer cores.",
        errors=(_CONTAINER, r"OutOfMemoryError: (?:Direct buffer memory|Cannot reserve \d+ bytes of direct)"),
        memory="executor overhead",
        recorded=False,
    ),
    Cause(
        id="executor-heap",
        looks_like="in a task: `OutOfMemoryError: Java heap space`, `GC overhead limit exceeded`; "
        "executor exit 52",
        hint="Executors need a larger heap (spark.executor.memory; in local mode "
        "spark.driver.memory), fewer cores that share it, or more and smaller partitions; one "
        "hot key in a collect_list or a join does it too.",
        errors=(
            rf"^{IN_TASK}(?s:.*)(?:{_HEAP}|OutOfMemoryError$|UNABLE_TO_ACQUIRE_MEMORY|SparkOutOfMemoryError)",
            r"(?:exited with code|exited with exit code|[Ee]xit (?:status|code):?) 52\b",
        ),
        memory="executor heap",
    ),
    Cause(
        id="driver-heap",
        looks_like="in the driver: `OutOfMemoryError: Java heap space`; exit code 52",
        hint="The driver needs a larger heap (spark.driver.memory), or less is to be collected, "
        "broadcast or listed there.",
        errors=(_HEAP, r"OutOfMemoryError$", r"Not enough memory to build and broadcast"),
        exit_codes=(52,),
        memory="driver heap",
    ),
    Cause(
        id="executor-killed",
        looks_like="`Command exited with code 137`, `exit code 137(SIGKILL, possible container OOM)`",
        hint="Somebody killed the executor with SIGKILL, most often the system for want of memory "
        "(look for 'Out of memory' in dmesg on its node) or a node that was taken away: leave "
        "more memory free there.",
        # What a manager says is of the driver.
        errors=(
            rf"^(?!{BY_MANAGER})(?s:.*)"
            r"(?:exited with code|exited with exit code|[Ee]xit (?:status|code):?) 137\b",
        ),
        retry=True,
    ),
    Cause(
        id="worker-memory",
        looks_like="in a task: `MemoryError`",
        hint="A Python worker has no memory left: raise spark.executor.pyspark.memory (or unset "
        "it), take smaller batches (spark.sql.execution.arrow.maxRecordsPerBatch) or fewer "
        "cores an executor.",
        errors=(rf"^{IN_TASK}(?:\w+\.)*_?(?:Array)?MemoryError",),
    ),
    Cause(
        id="worker-crash",
        looks_like="`Python worker exited unexpectedly (crashed)`",
        hint="A Python worker died: killed for want of memory, or by a fault in a native library. "
        "spark.python.worker.faulthandler.enabled=true shows where; raise "
        "spark.executor.memoryOverhead.",
        errors=(r"Python worker exited unexpectedly",),
    ),
    Cause(
        id="fetch-failed",
        looks_like="`FetchFailedException`, `Missing an output location for shuffle`",
        hint="Shuffle files were lost with their executor or node: look for executors that were "
        "lost before; an external shuffle service or more executor memory keeps them.",
        errors=(r"FetchFailed|Missing an output location for shuffle",),
        retry=True,
    ),
    Cause(
        id="executor-lost",
        looks_like="`ExecutorLostFailure`, `Executor heartbeat timed out`, `TaskResultLost`",
        hint="An executor was lost: its node went away, or it was too busy to answer. The "
        "executor's own log says which; long garbage collections want more memory.",
        errors=(
            r"ExecutorLostFailure|[Ee]xecutor heartbeat timed out|Remote RPC client disassociated"
            r"|[Ww]orker lost|Executor decommission|Lost executor \S+ on|TaskResultLost",
        ),
        retry=True,
        recorded=False,
    ),
    Cause(
        id="result-too-large",
        looks_like="`bigger than spark.driver.maxResultSize`",
        hint="The script collects more than spark.driver.maxResultSize: write a table instead of "
        "collecting, or raise it together with spark.driver.memory.",
        errors=(r"bigger than spark\.driver\.maxResultSize|exceeded maxResultSize",),
    ),
    Cause(
        id="kryo-buffer",
        looks_like="`Kryo serialization failed: Buffer overflow`",
        hint="One object is larger than Kryo's buffer: raise spark.kryoserializer.buffer.max, at "
        "most to 2047m.",
        errors=(r"Kryo serialization failed: Buffer overflow|spark\.kryoserializer\.buffer\.max",),
    ),
    Cause(
        id="broadcast-too-large",
        looks_like="`Cannot broadcast the table that is larger than`",
        hint="The table is too large to be sent to every executor: take the broadcast() hint away, "
        "or set spark.sql.autoBroadcastJoinThreshold=-1.",
        errors=(r"Cannot broadcast the table (?:that is larger than|over)",),
        recorded=False,
    ),
    Cause(
        id="broadcast-timeout",
        looks_like="`Could not execute broadcast in 300 secs`",
        hint="The table to be sent to every executor was not ready in time: take the broadcast() "
        "hint away, set spark.sql.autoBroadcastJoinThreshold=-1, or raise "
        "spark.sql.broadcastTimeout.",
        errors=(r"Could not execute broadcast in",),
    ),
)
