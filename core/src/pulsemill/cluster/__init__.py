"""Metadata, assignments, scheduling, membership: what the workers of a cluster agree on."""
