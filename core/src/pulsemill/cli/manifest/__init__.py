"""`pulsemill manifest`: what the Kubernetes runtime would create for a function, source or sink."""
