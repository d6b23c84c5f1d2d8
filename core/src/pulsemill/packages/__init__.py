"""Functions' code: how it is received, checked, kept and brought to instances. Nothing here unpacks or imports it."""
