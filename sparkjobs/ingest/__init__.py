"""Validated reading: own listing, own line and record splitting, bad rows counted and kept.

The flow: ``listing`` (paths to files) -> ``splits`` (files to tasks) -> ``blocks`` (bytes cut at line
ends) -> ``lines`` / ``csv_records`` / ``json_records`` (values and bad rows) -> ``typing`` (strict
types) -> ``intake`` (counts, threshold, quarantine). Only ``text``, ``rows`` and ``intake`` know Spark.
"""
