"""The objects that upstream's worker creates on a real API server, and those that ours plans for the same functions."""
