"""Runs function instances as processes under resource limits."""
