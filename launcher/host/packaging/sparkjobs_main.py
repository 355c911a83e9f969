"""The file that spark-submit runs; the jobs are in sparkjobs.zip, given by --py-files.

Usage:
    spark-submit --jars $(sparkjob jars path) --py-files sparkjobs.zip sparkjobs_main.py JOB [--FLAG VALUE]...
"""

import sys

if __name__ == "__main__":
    from sparkjobs.cli import main

    sys.exit(main())
