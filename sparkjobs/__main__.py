"""``python -m sparkjobs JOB ...``"""

import sys

from sparkjobs.cli import main

sys.exit(main())
