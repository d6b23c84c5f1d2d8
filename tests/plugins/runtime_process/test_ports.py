import socket

from pulsemill_runtime_process.ports import free_ports


def test_ports_are_different_and_free() -> None:
    ports = free_ports(8)
    assert len(set(ports)) == 8
    for port in ports:
        with socket.socket() as server:
            server.bind(("", port))
