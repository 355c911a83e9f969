"""The data: made once by a fixed seed and kept in ``bench/data``, or the folder ``SPARKJOBS_BENCH_DATA``."""
