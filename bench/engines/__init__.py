"""The contestants: one file an engine, each with the queries it can answer.

An engine module has ``start() -> session`` and a dictionary ``QUERIES`` from a query's name to a
function of ``(session, path)`` that returns the result as an Arrow table in this process.
"""
