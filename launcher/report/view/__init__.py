"""A run as the report looks at it: figures over time, stages, idle executors."""
