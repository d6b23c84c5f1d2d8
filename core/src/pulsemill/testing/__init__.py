"""Contract suites that any plugin can run."""
