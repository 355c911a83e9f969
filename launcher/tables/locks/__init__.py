"""One writer per table: who may write is decided by a lock, kept beside the table or where a profile says."""
