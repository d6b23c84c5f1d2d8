"""What functions remember: counters and values, shared by all instances of a function.

`function_state` is what a function sees through its context; `store` is what instances and workers both keep state
with, in BookKeeper (`bookkeeper`) or in a file of this machine (`local`).
"""
