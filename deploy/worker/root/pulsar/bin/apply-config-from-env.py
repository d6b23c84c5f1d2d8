#!/usr/bin/env python3
"""Charts call this to write PF_ variables into functions_worker.yml; Pulsemill reads the variables by itself."""

import sys

print(f"{sys.argv[1:]}: nothing to write, the worker reads the PF_ variables of its environment")
