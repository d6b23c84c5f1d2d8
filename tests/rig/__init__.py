"""Real servers to test against: the official Pulsar distribution, its Java worker, its clients and instances.

Nothing here is shipped. `python -m tests.rig` starts a server and stays; `tests.rig.plugin` has the fixtures.
"""
