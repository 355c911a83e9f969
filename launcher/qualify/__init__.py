"""How much of an application would run on a GPU: its plans, explained by RAPIDS on a machine without one."""
