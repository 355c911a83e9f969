"""The file that spark-submit runs; the jobs are in sparkjobs.zip, given by --py-files.

Usage:
    spark-submit --jars $(sparkjob jars path) --py-files sparkjobs.zip sparkjobs_main.py JOB [--FLAG VALUE]...
"""

import os
import sys


def _take_stderr_back() -> None:
    """spark-submit merges our stderr into stdout; the launcher, where there is one, offers a pipe for it."""
    path = os.environ.get("SPARKJOBS_STDERR", "")
    try:
        # Not blocking: nobody may be listening any more.
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return
    os.set_blocking(pipe, True)
    os.dup2(pipe, 2)
    os.close(pipe)


if __name__ == "__main__":
    _take_stderr_back()
    from sparkjobs.cli import main

    sys.exit(main())
