"""What is asked for and where it may run: data, and the files that ``launcher.spec.config`` reads it from."""
