"""One run from plan to end: a pure state machine, and the supervisor that carries out what it says."""
