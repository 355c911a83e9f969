"""Delta tables without a JVM: facts in a fraction of a second, and the few writes that are safe so.

``sparkjobs.tables.opening`` finds a table and a version of it, ``facts`` and ``rows`` read, ``tags``
names versions, ``editing`` is the one door through which a table is changed.
"""
