"""The network that fails on demand does so."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.rig.network import Network, network_to

SECONDS = 10


@pytest.fixture
def network() -> Iterator[Network]:
    """Before a server that sends back what it gets."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(connection,), daemon=True).start()

    def echo(connection: socket.socket) -> None:
        while data := connection.recv(100):
            connection.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        with network_to(listener.getsockname()[1]) as network:
            yield network
        listener.shutdown(socket.SHUT_RDWR)


def connected(network: Network) -> socket.socket:
    return socket.create_connection(("127.0.0.1", network.port), SECONDS)


def test_it_lets_pass_what_it_should(network: Network) -> None:
    with connected(network) as client:
        client.sendall(b"hello")
        assert client.recv(100) == b"hello"


def test_a_cut_breaks_old_and_new_connections_until_it_resumes(network: Network) -> None:
    with connected(network) as client:
        client.sendall(b"hello")
        client.recv(100)
        network.cut()
        assert is_broken(client)
    with connected(network) as client:
        assert is_broken(client)
    network.resume()
    with connected(network) as client:
        client.sendall(b"again")
        assert client.recv(100) == b"again"


def test_a_stall_loses_nothing(network: Network) -> None:
    with connected(network) as client:
        client.sendall(b"a")
        client.recv(100)
        network.stall()
        client.sendall(b"b")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(100)
        client.settimeout(SECONDS)
        network.resume()
        assert client.recv(100) == b"b"


def is_broken(client: socket.socket) -> bool:
    try:
        return client.recv(100) == b""
    except ConnectionError:
        return True
