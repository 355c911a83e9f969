"""Spark's dynamic allocation of executors, with its own arithmetic and a clock that others turn."""
