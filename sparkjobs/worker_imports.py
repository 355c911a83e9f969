"""What a Python worker of Spark does again for every task, though once were enough."""

from __future__ import annotations

import sys
from zipimport import zipimporter


def forget_archives() -> None:
    """Let the next task of this worker begin at once.

    pyspark begins every task with ``importlib.invalidate_caches()`` (worker.py, main), for which CPython
    reads the directory of each zip on the path anew (zipimporter.invalidate_caches): a tenth of a second
    for pyspark.zip. An import that needs one of them finds it again by itself.
    """
    archives = [path for path, finder in sys.path_importer_cache.items() if isinstance(finder, zipimporter)]
    for path in archives:
        del sys.path_importer_cache[path]
