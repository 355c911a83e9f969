"""The archive of this Python environment, for ``--archives FILE#environment``."""

from __future__ import annotations

import sys
from pathlib import Path

from sparkjobs.errors import EnvironmentProblem

LEFT_OUT = (
    # Our own code comes by the zip; the links of an editable install mean nothing on another machine.
    "*__editable__*",
    # The cluster has its own Spark; these are two thirds of the archive.
    "*/site-packages/pyspark/jars/*",
)


def pack(target: Path) -> None:
    """Write the running virtual environment to ``target`` (.tar.gz).

    Raises:
        EnvironmentProblem: venv-pack is not installed, or it refuses this environment.
    """
    try:
        import venv_pack
    except ImportError as error:
        raise EnvironmentProblem(
            "package --env needs venv-pack, which is not installed",
            "Install it: pip install 'sparkjobs[package]'",
        ) from error
    try:
        filters = [("exclude", pattern) for pattern in LEFT_OUT]
        venv_pack.pack(prefix=sys.prefix, output=str(target), force=True, filters=filters)
    except venv_pack.VenvPackException as error:
        raise EnvironmentProblem(f"venv-pack refuses {sys.prefix}: {error}") from error
