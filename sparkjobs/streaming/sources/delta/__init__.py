"""The rows that are inserted into a Delta table, commit by commit."""
