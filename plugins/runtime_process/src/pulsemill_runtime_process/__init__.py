"""The process runtime."""
