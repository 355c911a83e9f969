"""Runs on this machine: settings, argument list, child process."""
