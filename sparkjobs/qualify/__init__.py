"""Runs inside spark-submit for ``sparkjob qualify``: an application's plans are explained, never run."""
