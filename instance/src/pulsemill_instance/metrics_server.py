"""The Prometheus endpoint: the instance's metrics as text, on any path."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import SHUT_RDWR
from socketserver import TCPServer
from threading import Thread
from typing import Any

from pulsemill_instance.startup_errors import StartupError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
THREADS = 2
REQUEST_TIMEOUT_SECONDS = 5
CLOSE_SECONDS = 0.5


class _MetricsHandler(BaseHTTPRequestHandler):
    """Answers every GET with the server's metrics."""

    server: "MetricsServer"
    timeout = REQUEST_TIMEOUT_SECONDS
    server_version = "pulsemill-instance"

    def do_GET(self) -> None:
        """The metrics, whatever the path."""
        try:
            body = self.server.metrics().encode()
        except Exception as error:  # noqa: BLE001 - the log says what, whatever it was
            self.server.tell_failure(error)
            self.send_error(500, explain="The metrics cannot be rendered: the log of the instance says why")
            return
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's
        """Scrapes are no news."""
        logging.getLogger(__name__).debug(format, *args)


class MetricsServer(HTTPServer):
    """Serves from a fixed number of threads, so that no scraper can make more of them."""

    def __init__(self, port: int, metrics: Callable[[], str]) -> None:
        """Start serving on all IPv4 addresses; StartupError when the port is taken. Port 0 takes any."""
        self.metrics = metrics
        self._told_failure = False
        self._threads = ThreadPoolExecutor(THREADS, "metrics")
        try:
            super().__init__(("", port), _MetricsHandler)
        except OSError as error:
            raise StartupError(f"Port {port} of the metrics (--metrics_port): {error.strerror}") from None
        self._is_closed = False
        self._accepting = Thread(target=self._accept, name="metrics-accept", daemon=True)
        self._accepting.start()

    def server_bind(self) -> None:
        """Bind without asking a name server who we are, as HTTPServer would."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Hand a connection to the threads."""
        self._threads.submit(self._serve, request, client_address)

    def tell_failure(self, error: Exception) -> None:
        """Log why the metrics cannot be rendered, once: scrapes come for ever."""
        if not self._told_failure:
            self._told_failure = True
            logging.getLogger(__name__).warning("The metrics cannot be rendered", exc_info=error)

    def _serve(self, request: Any, client_address: Any) -> None:
        try:
            self.finish_request(request, client_address)
        except Exception:  # a scraper that hangs up must not end the thread
            logging.getLogger(__name__).debug("A scrape failed", exc_info=True)
        finally:
            self.shutdown_request(request)

    def _accept(self) -> None:
        while not self._is_closed:
            self.handle_request()

    def close(self) -> None:
        """Stop accepting and let go of the port, at once: `serve_forever` would look up only twice a second."""
        self._is_closed = True
        with suppress(OSError):  # not every system can wake the accepting thread; it ends with the process then
            self.socket.shutdown(SHUT_RDWR)
        self._accepting.join(CLOSE_SECONDS)  # before the socket's number is free to mean something else
        self.server_close()
        self._threads.shutdown(wait=False, cancel_futures=True)
