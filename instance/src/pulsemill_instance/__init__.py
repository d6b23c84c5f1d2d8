"""The program that runs one instance of one Pulsar function."""
