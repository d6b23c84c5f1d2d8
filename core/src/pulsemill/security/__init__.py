"""Who may call the worker, how the worker proves itself to others, and encryption."""
