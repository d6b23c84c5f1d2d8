"""A worker: its service, spawners and instances."""
