"""A worker: its instances, their spawners, its service and HTTP server."""
