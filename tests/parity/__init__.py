"""Asks upstream's worker and ours the same questions and compares the answers."""
