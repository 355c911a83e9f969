"""From a plan to spark-submit's argument list."""
