"""Counting kernels: pure functions over bytes and Arrow arrays, run inside Spark's Python workers.

Nothing here imports pyspark. The plain way needs the standard library only; the fast way needs
numpy, and gives the same rows.
"""
