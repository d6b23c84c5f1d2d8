"""The pulsar-lite program: where it is, how it is called, where it listens, what it says."""

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Final

from pulsemill.broker import launcher
from pulsemill.broker.data_directory import DataDirectory
from pulsemill.errors import PulsemillError

HOST: Final = "127.0.0.1"
LOG_LINES: Final = 5


class BrokerError(PulsemillError):
    """The embedded broker cannot run."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def check_port(port: int) -> None:
    """Raise BrokerError when something already listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise BrokerError(f"the embedded broker cannot listen on {HOST}:{port}: {error.strerror}") from error


async def accepts_connections(port: int) -> bool:
    """Whether something listens on a local port."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return True


def find_program() -> str:
    """The pulsar-lite program; BrokerError when the distribution lacks."""
    try:
        from pulsar_lite.binary_finder import find_pulsar_lite_binary  # noqa: PLC0415 an extra that workers can lack
    except ImportError as error:
        raise BrokerError("the embedded broker is not installed: pip install 'pulsemill[standalone]'") from error
    return str(find_pulsar_lite_binary())


def command(directory: DataDirectory, port: int) -> list[str]:
    """The command line, launcher and all."""
    launch = [sys.executable, "-I", "-S", launcher.__file__, str(directory.broker_lock), str(os.getpid())]
    listen = ["--addr", f"{HOST}:{port}", "--db-path", str(directory.broker / "storage")]
    # Its warnings are one per message for each closed reader.
    quiet = ["--config", str(directory.broker_settings), "--log-level", "error"]
    return [*launch, find_program(), *listen, *quiet]


def last_words(log: Path, since: int) -> str:
    """What a broker wrote into its log after `since` bytes, without stack traces, at most LOG_LINES lines."""
    with log.open("rb") as file:
        file.seek(since)
        lines = file.read().decode(errors="replace").splitlines()
    spoken = [line for line in lines if line.strip() and not line.startswith((" ", "Stack backtrace"))]
    return "\n".join(spoken[-LOG_LINES:])
