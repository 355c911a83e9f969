"""Folders in which files arrive."""
