"""Which settings the next run of a job is to have, from what its earlier ones showed."""
