"""What all tests share: the servers of `tests/rig`."""

pytest_plugins = ["tests.rig.plugin"]
