"""The thread runtime."""
