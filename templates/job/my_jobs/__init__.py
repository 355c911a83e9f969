"""Spark jobs of our own."""
