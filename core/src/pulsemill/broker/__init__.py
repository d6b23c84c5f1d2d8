"""The embedded broker: pulsar-lite as a child process, for a worker that has no Pulsar of its own."""
