"""The worker's configuration: upstream's functions_worker.yml, key for key."""
