"""What is kept of a run's trace for those that come after it."""
