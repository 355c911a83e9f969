"""The program of a supervisor's process: ``supervisor_main.py FOLDER``, request and orders on stdin."""

import sys
from pathlib import Path

if __name__ == "__main__":
    # The folder of this file is no place to import from; the one that holds the packages is.
    sys.path[0] = str(Path(__file__).parents[2])
    from sparkjobs.standard_streams import fill_streams

    fill_streams()
    from launcher.runs.supervisor import main

    sys.exit(main())
