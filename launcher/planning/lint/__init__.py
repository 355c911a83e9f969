"""The linter: contradictions and silent traps in any Spark configuration."""
