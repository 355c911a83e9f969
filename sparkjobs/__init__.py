"""PySpark jobs that read dirty input and write Delta tables exactly once.

This package runs where Spark's driver runs. It needs the standard library and pyspark;
it never imports ``launcher``, and importing it starts nothing.
"""

__version__ = "0.2.0.dev0"
