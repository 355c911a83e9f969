"""From what somebody typed, and the files it names, to a request for a plan."""
