"""Six applications on a real cluster of this machine: predicted before, compared after."""
