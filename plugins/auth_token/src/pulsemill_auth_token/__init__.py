"""Pulsemill function authentication: tokens in Kubernetes secrets or of service accounts."""
