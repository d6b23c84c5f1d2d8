"""The worker's side of function state: what REST reads and writes, and what a deleted function leaves behind."""
