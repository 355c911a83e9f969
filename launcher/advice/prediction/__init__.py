"""What a run would take with other executors, other input or at another price, and how sure that is."""
