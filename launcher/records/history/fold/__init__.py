"""From typed events to a trace."""
