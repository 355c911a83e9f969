"""A Spark standalone cluster on this machine, on the loopback address: for trying things and for tests."""
