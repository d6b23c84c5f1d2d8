"""The process runtime's hook."""
