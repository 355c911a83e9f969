"""Streams: executors that follow the load, and latency beside plain Structured Streaming."""
