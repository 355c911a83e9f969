"""What is known of runs: their records on disk, Spark's event logs, what was learnt from both."""
