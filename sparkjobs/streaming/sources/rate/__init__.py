"""Rows made up at a steady rate."""
