"""Event time: which rows of a batch come in time, and what becomes of the others."""
