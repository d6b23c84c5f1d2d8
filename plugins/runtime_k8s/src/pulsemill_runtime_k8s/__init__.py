"""Pulsemill runtime: one Kubernetes StatefulSet per function."""
