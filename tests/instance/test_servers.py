"""The control service and the metrics endpoint, with an instance that only has figures."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from pulsemill_instance.control_server import ControlServicer, serve
from pulsemill_instance.metrics_server import CONTENT_TYPE, REQUEST_TIMEOUT_SECONDS, THREADS, MetricsServer
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, MetricsData
from pulsemill_instance.startup_errors import StartupError

Serve = Callable[..., MetricsServer]


class Figures:
    """As FunctionInstance, and keeps which methods were called."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def get_function_status(self) -> FunctionStatus:
        self.calls.append("status")
        return FunctionStatus(running=True)

    def get_metrics(self) -> MetricsData:
        self.calls.append("get")
        return MetricsData(receivedTotal=7)

    def get_and_reset_metrics(self) -> MetricsData:
        self.calls.append("get and reset")
        return MetricsData(receivedTotal=7)

    def reset_metrics(self) -> None:
        self.calls.append("reset")


def test_each_request_reaches_the_instance() -> None:
    figures, checks = Figures(), list[int]()
    servicer: Any = ControlServicer(figures, lambda: checks.append(1))  # type: ignore[arg-type] # its figures are enough
    assert servicer.GetFunctionStatus(Empty(), None).running
    assert servicer.GetMetrics(Empty(), None).receivedTotal == 7
    assert servicer.GetAndResetMetrics(Empty(), None).receivedTotal == 7
    assert servicer.ResetMetrics(Empty(), None) == Empty()
    assert servicer.HealthCheck(Empty(), None).success
    assert (figures.calls, checks) == (["status", "get", "get and reset", "reset"], [1])


def test_a_taken_control_port_is_refused() -> None:
    with socket.create_server(("", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(StartupError, match=f"Port {port} of the InstanceControl service"):
            serve(port, Figures(), lambda: None)  # type: ignore[arg-type] # its figures are enough


def test_two_instances_never_share_a_control_port() -> None:
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
    server: grpc.Server = serve(port, Figures(), lambda: None)  # type: ignore[arg-type] # its figures are enough
    try:
        with pytest.raises(StartupError):
            serve(port, Figures(), lambda: None)  # type: ignore[arg-type] # its figures are enough
    finally:
        server.stop(None)


@pytest.fixture
def start() -> Iterator[Serve]:
    """Metrics servers on any port."""
    with ExitStack() as stack:

        def start(metrics: Callable[[], str]) -> MetricsServer:
            server = MetricsServer(0, metrics)
            stack.callback(server.close)
            return server

        yield start


@pytest.mark.parametrize("path", ["/", "/metrics", "/a/b?c"])
def test_metrics_are_on_every_path(start: Serve, path: str) -> None:
    server = start(lambda: "up 1\n")
    with urlopen(f"http://127.0.0.1:{server.server_port}{path}") as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (b"up 1\n", CONTENT_TYPE)


def metrics_threads() -> int:
    return sum(thread.name.startswith("metrics") for thread in threading.enumerate())


def test_scrapers_make_no_threads(start: Serve) -> None:
    server = start(lambda: "up 1\n")
    before = metrics_threads()
    for _ in range(20):
        urlopen(f"http://127.0.0.1:{server.server_port}/").close()
    assert metrics_threads() <= before + THREADS


def test_a_scraper_that_says_nothing_does_not_hold_up_another(start: Serve) -> None:
    server = start(lambda: "up 1\n")
    with socket.create_connection(("127.0.0.1", server.server_port)):
        urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=REQUEST_TIMEOUT_SECONDS / 2).close()


def test_metrics_that_fail_are_told_once_and_do_not_end_the_server(
    start: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    answers: Iterator[Any] = iter([RuntimeError("not yet"), RuntimeError("not yet"), "up 1\n"])

    def metrics() -> Any:
        answer = next(answers)
        if isinstance(answer, RuntimeError):
            raise answer
        return answer

    server = start(metrics)
    for _ in range(2):
        with pytest.raises(HTTPError, match="500"):
            urlopen(f"http://127.0.0.1:{server.server_port}/")
    assert urlopen(f"http://127.0.0.1:{server.server_port}/").read() == b"up 1\n"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "RuntimeError: not yet" in caplog.text


def test_a_closed_server_lets_its_port_go_and_its_thread_end(start: Serve) -> None:
    server = start(lambda: "")
    accepting = next(thread for thread in threading.enumerate() if thread.name == "metrics-accept")
    server.close()
    accepting.join(5)
    assert not accepting.is_alive()
    MetricsServer(server.server_port, lambda: "").close()


def test_a_taken_metrics_port_is_refused() -> None:
    with socket.create_server(("", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(StartupError, match=rf"Port {port} of the metrics \(--metrics_port\)"):
            MetricsServer(port, lambda: "")
