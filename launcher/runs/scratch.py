"""A run's temporary folder: whatever is killed, what it left there goes with the folder.

A JVM that is killed leaves its block files and unpacked libraries; by default they lie about in ``/tmp``. The
run's folder holds a link, so that whoever closes a run whose supervisor was killed finds the place.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path

from launcher.spec.local_settings import quoted

PREFIX = "sparkjobs-"
_LINK = "tmp"
# For the JVM of spark-submit alone, in every deploy mode; a setting would go to the driver's node.
_VARIABLE = "SPARK_SUBMIT_OPTS"


def make(folder: Path) -> Path:
    """Make a fresh one for the run in ``folder``; what an attempt before left is removed.

    Raises:
        OSError: it cannot be made.
    """
    remove(folder)
    path = Path(tempfile.gettempdir()).absolute() / f"{PREFIX}{uuid.uuid4().hex}"
    # The link first: a kill in between leaves no folder that nobody knows of.
    (folder / _LINK).symlink_to(path)
    path.mkdir(mode=0o700)
    return path


def remove(folder: Path) -> None:
    """Remove that of the run in ``folder``, when it is there."""
    link = folder / _LINK
    if not link.is_symlink():
        return
    path = link.readlink()
    if path.name.startswith(PREFIX) and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    link.unlink(missing_ok=True)


def variables(scratch: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment by which Spark's JVM keeps its temporary files there.

    Java asks no ``TMPDIR``, and ``spark.local.dir`` follows Java's folder unless it is set.

    Args:
        scratch: the folder.
        environ: the environment so far; its options stand behind ours, so that they win.
    """
    option = quoted(f"-Djava.io.tmpdir={scratch}")
    return {_VARIABLE: f"{option} {environ.get(_VARIABLE, '')}".strip()}
