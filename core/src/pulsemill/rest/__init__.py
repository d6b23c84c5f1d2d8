"""The worker's REST API."""
