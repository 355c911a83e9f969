"""Delta tables: verified, idempotent writes, and reading what a table says of itself.

``history`` is pure (what the commits mean), ``log`` reads them, ``commit`` writes one table of a
run, ``edit`` is the small interface for users' own code, ``read`` gives rows without a JVM.
"""

from sparkjobs.tables.reading import Snapshot, read

__all__ = ["Snapshot", "read"]
