"""What this machine has for runs on it: its text files, a way for stderr, what was measured."""
