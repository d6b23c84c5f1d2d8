"""Several calls of a function at a time: coroutines on an event loop, plain functions in threads."""
