"""Take pyspark from compiled files: spark-submit puts a zip of its sources first on the path."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def prefer_compiled() -> None:
    """Drop the zips from the path where pyspark is installed as a package: SPARK_HOME is then that package.

    Python compiles what it takes from a zip of sources anew in each process: half a second for the
    driver, and again for the workers. The package holds the very same files.
    """
    home = Path(os.environ.get("SPARK_HOME", ""))
    if (home / "__init__.py").is_file() and str(home.parent) in sys.path:
        # PythonUtils.sparkPythonPath names pyspark.zip and py4j's zip, and they come before site-packages.
        zips = home / "python" / "lib"
        sys.path[:] = [entry for entry in sys.path if Path(entry).parent != zips]
