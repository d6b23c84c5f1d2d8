"""`pulsemill quickstart`: example functions, an input, and the run that shows them at work."""
