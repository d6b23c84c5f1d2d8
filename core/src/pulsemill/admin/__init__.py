"""A client of a functions worker's REST API, ours or upstream's (upstream: org.apache.pulsar.client.admin)."""
