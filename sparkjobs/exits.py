"""Exit codes, one meaning each; shared by the jobs and the launcher."""

EXIT_OK = 0  # committed, skipped, empty, or a stream that stopped in time
EXIT_FAILED = 1  # failed or stale, or any non-zero script
EXIT_USAGE = 2  # usage, configuration, no Java, a doctor problem, an unknown run
EXIT_NOT_STARTED = 3  # ended before a driver or application started
EXIT_LOST = 4  # lost, or a cancel that could not be confirmed
EXIT_LOCKED = 5  # another writer holds the table
EXIT_HANGUP = 129
EXIT_INTERRUPTED = 130
EXIT_TERMINATED = 143
