"""What the command lines of instances have in common, whichever runtime starts them (upstream: RuntimeUtils)."""
