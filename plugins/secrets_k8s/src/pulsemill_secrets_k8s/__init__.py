"""Pulsemill secrets: Kubernetes secrets as environment variables of functions."""
