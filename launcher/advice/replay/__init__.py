"""Playing a recorded application again, as it was or with other executors. Functions of data alone."""
