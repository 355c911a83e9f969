"""How many executors a stream has."""
