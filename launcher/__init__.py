"""The launcher: prepares and starts Spark jobs. Quick to start: it never imports pyspark."""
