"""The Java libraries of a run: locked, fetched once, verified, given to Spark as local files."""
