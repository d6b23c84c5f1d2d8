"""Pulsemill manifest customizer: labels, node selectors, tolerations, resources per function."""
