"""Pulsemill: a functions worker for Apache Pulsar."""
