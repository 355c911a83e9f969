"""Taking a stream back to a batch: its tables, then its checkpoint, by an intent that survives a kill."""
