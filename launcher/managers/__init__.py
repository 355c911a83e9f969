"""The cluster managers, one file each with the same names behind one interface."""
