"""``sparkjob validate``: read a configuration of any kind and let the linter judge it."""
