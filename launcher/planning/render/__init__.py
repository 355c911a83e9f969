"""A plan in other shapes: pure functions from a plan to text or plain data."""
