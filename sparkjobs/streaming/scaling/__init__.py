"""How many executors a stream has: measured batches in, a target and its reason out."""
