"""The environment that Spark is started with.

``spark-submit`` from a virtual environment looks for Spark with the first ``python3`` on PATH, which is the
system's, and workers run plain ``python3`` and miss the virtual environment's packages. So we always say
where Spark and Python are, unless the user said it before us.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Interpreter:
    """The running Python.

    Attributes:
        executable: its path, not resolved: a virtual environment is known by the link itself.
        spark_home: folder of the installed pyspark; ``None`` when there is none.
    """

    executable: str
    spark_home: Path | None


def running_interpreter() -> Interpreter:
    """Look at the running Python without importing pyspark (that takes a second)."""
    spec = importlib.util.find_spec("pyspark")
    home = Path(spec.origin).parent if spec and spec.origin else None
    return Interpreter(sys.executable, home)


def spark_environment(
    environ: Mapping[str, str],
    interpreter: Interpreter,
    java_home: Path | None = None,
    deploy_mode: str = "client",
) -> dict[str, str]:
    """Add what Spark needs to ``environ``; what the user set stays.

    Args:
        environ: the environment so far; not changed.
        interpreter: the Python whose Spark and packages are meant.
        java_home: the Java chosen; replaces JAVA_HOME, because an unfit one was passed over with a reason.
        deploy_mode: ``client`` (also for local) or ``cluster``, where this machine's paths mean nothing.
    """
    result = dict(environ)
    if interpreter.spark_home is not None:
        _default(result, "SPARK_HOME", str(interpreter.spark_home))
    if java_home is not None:
        result["JAVA_HOME"] = str(java_home)
    _set_pythons(result, interpreter, deploy_mode)
    return result


def _set_pythons(result: dict[str, str], interpreter: Interpreter, deploy_mode: str) -> None:
    if deploy_mode == "cluster":
        # There it would name a Python of this machine; spark-submit hands it on to the driver's node.
        result.pop("PYSPARK_DRIVER_PYTHON", None)
        return
    _default(result, "PYSPARK_PYTHON", interpreter.executable)
    _default(result, "PYSPARK_DRIVER_PYTHON", interpreter.executable)


def _default(result: dict[str, str], name: str, value: str) -> None:
    # An empty value counts as unset, as it does for Spark's own scripts.
    if not result.get(name):
        result[name] = value
