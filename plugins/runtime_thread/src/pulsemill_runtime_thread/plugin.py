"""The thread runtime's hook."""
