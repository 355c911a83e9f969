"""Pure planning: no subprocess, no network, no pyspark."""
