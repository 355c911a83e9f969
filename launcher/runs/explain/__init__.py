"""Why a run failed: the root of the matter, pulled out of the log, and what to do about it."""
