"""Two runs and where their difference comes from."""
