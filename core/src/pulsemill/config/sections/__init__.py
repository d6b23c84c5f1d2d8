"""The keys of functions_worker.yml, one module per part of the worker."""
