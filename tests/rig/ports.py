"""Free ports, below those that the kernel gives to outgoing connections, so that they stay free until they are used."""

import random
import socket

LOWEST, HIGHEST = 20000, 32000


def free_port() -> int:
    """A port that nothing listens on now."""
    while True:
        port = random.randrange(LOWEST, HIGHEST)  # noqa: S311 no secret
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
