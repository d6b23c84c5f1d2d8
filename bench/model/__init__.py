"""Random lives of instances on a real broker, and what each guarantee forbids; `python -m bench.model` runs them."""
