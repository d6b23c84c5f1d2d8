"""A real one-node Kubernetes to test against, in Linux namespaces of its own, without a container engine or a registry.

`binaries` builds the programs, `place` says where a cluster is, `namespaces` holds it, `control_plane` and `node` start
it, `cluster` is what tests use, `images` and `function_image` make what its pods run.
"""
