"""How the driver ended, when nothing in its log tells why."""

from launcher.runs.explain.cause import BY_MANAGER, Cause

SCRIPT_EXIT = Cause(
    id="script-exit",
    looks_like="no exception; the script ends with a code of its own, as by `sys.exit(3)`",
    hint="The script ended itself with this code: its own last lines say why.",
)


def _manager_tells(code: int) -> str:
    """YARN and Kubernetes of the driver's container; their words for an executor's reach us through Spark."""
    return rf"(?s)^{BY_MANAGER}.*(?:AM Container for \S+\s+exited with\s+exitCode:|exit code) {code}\b"


CAUSES = (
    Cause(
        id="driver-killed",
        looks_like="exit code 137; YARN: `AM Container ... exited with  exitCode: 137`",
        hint="Somebody killed the driver with SIGKILL, most often the system for want of memory: "
        "look for 'Out of memory' in dmesg, and leave more memory free beside "
        "spark.driver.memory.",
        errors=(_manager_tells(137),),
        exit_codes=(137,),
        retry=True,
    ),
    Cause(
        id="driver-stopped",
        looks_like="exit code 129, 130 or 143",
        hint="A signal ended the driver: somebody stopped it, or its machine was shut down.",
        errors=(_manager_tells(143),),
        exit_codes=(129, 130, 143),
    ),
    SCRIPT_EXIT,
)
