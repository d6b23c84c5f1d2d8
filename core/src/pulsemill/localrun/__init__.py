"""Runs a function in the foreground, without a worker (upstream: org.apache.pulsar.functions.LocalRunner)."""
