"""What a stream tells of each batch, and who is told."""
