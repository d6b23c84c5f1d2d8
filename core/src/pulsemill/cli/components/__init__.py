"""What the commands of functions, sources and sinks have in common: each module makes commands for any kind."""
