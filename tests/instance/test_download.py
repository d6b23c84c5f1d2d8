"""A pod gets its function's package from a worker."""

import argparse
import http.client
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from pulsemill_instance.download import GIVE_UP_SECONDS, download, parse, url
from pulsemill_instance.download_access import DownloadError, client_certificate, headers, token
from tests.rig.certificates import Authority

TLS_PLUGIN = "org.apache.pulsar.client.impl.auth.AuthenticationTls"
TOKEN_PLUGIN = "org.apache.pulsar.client.impl.auth.AuthenticationToken"
FUNCTION = ["functions", "download", "--tenant", "t", "--namespace", "n", "--name", "f é"]


class Worker(BaseHTTPRequestHandler):
    """Answers what `answers` holds, the last of them for ever."""

    answers: list[tuple[int, bytes, int]]
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, body, length = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def worker() -> Iterator[HTTPServer]:
    handler = type("Handler", (Worker,), {"answers": [], "asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def answering(worker: HTTPServer, *answers: tuple[int, bytes] | tuple[int, bytes, int]) -> list[str]:
    handler = worker.RequestHandlerClass
    handler.answers = [(each[0], each[1], each[2] if len(each) > 2 else len(each[1])) for each in answers]  # type: ignore[attr-defined] # ours
    asked: list[str] = handler.asked  # type: ignore[attr-defined] # ours
    return asked


def run(worker: HTTPServer, destination: Path, *more: str, clock: Iterator[float] | None = None) -> None:
    address = f"http://127.0.0.1:{worker.server_port}/"
    options = parse(["--admin-url", address, *FUNCTION, "--destination-file", str(destination), *more])
    times = clock or iter(range(10**6))
    download(options, lambda: float(next(times)), lambda _: None)


def test_the_package_lands_in_a_folder_that_is_made(worker: HTTPServer, tmp_path: Path) -> None:
    asked = answering(worker, (200, b"def process(input): return input"))
    destination = tmp_path / "download" / "deep" / "f.py"
    run(worker, destination)
    assert destination.read_bytes() == b"def process(input): return input"
    assert asked == ["/admin/v3/functions/t/n/f%20%C3%A9/download"]
    assert [each.name for each in destination.parent.iterdir()] == ["f.py"]


def test_a_transform_function_is_another_package(worker: HTTPServer, tmp_path: Path) -> None:
    asked = answering(worker, (200, b"jar"))
    run(worker, tmp_path / "f.jar", "--transform-function")
    assert asked[0].endswith("/download?transform-function=true")


def test_it_waits_for_a_worker_that_starts(worker: HTTPServer, tmp_path: Path) -> None:
    asked = answering(worker, (503, b"not yet"), (200, b"half", 10), (200, b"whole"))
    run(worker, tmp_path / "f.py")
    assert (tmp_path / "f.py").read_bytes() == b"whole"
    assert len(asked) == 3


def test_a_refusal_is_final_and_says_why(worker: HTTPServer, tmp_path: Path) -> None:
    asked = answering(worker, (404, b'{"reason": "Function f doesn\'t exist"}'))
    with pytest.raises(DownloadError, match="answered 404 Not Found: Function f doesn't exist"):
        run(worker, tmp_path / "f.py")
    assert len(asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_status_that_has_no_name_is_told(worker: HTTPServer, tmp_path: Path) -> None:
    answering(worker, (520, b"a proxy's own"))
    with pytest.raises(DownloadError, match=r"answered 520 .*: a proxy's own"):
        run(worker, tmp_path / "f.py")


@pytest.mark.parametrize("broken", [http.client.IncompleteRead(b"half"), http.client.BadStatusLine("SSH-2.0")])
def test_an_answer_that_is_no_http_is_asked_for_again(
    worker: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    answers = [broken]
    ask = urllib.request.urlopen

    def urlopen(*arguments: Any, **options: Any) -> Any:
        if answers:
            raise answers.pop()
        return ask(*arguments, **options)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    answering(worker, (200, b"code"))
    run(worker, tmp_path / "f.py")
    assert (tmp_path / "f.py").read_bytes() == b"code"


@pytest.mark.parametrize(
    "address", ["worker:6750", "worker", "http://", "ftp://worker", "http://worker:http", "http://w w"]
)
def test_an_address_that_is_none_is_told_at_once(tmp_path: Path, address: str) -> None:
    options = parse(["--admin-url", address, *FUNCTION, "--destination-file", str(tmp_path / "f.py")])
    with pytest.raises(DownloadError, match=f"--admin-url '{address}'"):
        download(options, lambda: 0.0, lambda _: pytest.fail("it asks again"))


def test_it_does_not_wait_for_ever(worker: HTTPServer, tmp_path: Path) -> None:
    answering(worker, (503, b"never"))
    with pytest.raises(DownloadError, match="503"):
        run(worker, tmp_path / "f.py", clock=iter([0.0, 1.0, GIVE_UP_SECONDS + 1]))


def test_a_place_that_cannot_be_written_is_named(worker: HTTPServer, tmp_path: Path) -> None:
    answering(worker, (200, b"code"))
    (tmp_path / "file").touch()
    with pytest.raises(DownloadError, match=r"file/f\.py"):
        run(worker, tmp_path / "file" / "f.py")


@pytest.mark.parametrize(
    "given", ["token:secret", '{"token": "secret"}', "secret", "token:secret\n", '{"token": "secret\\n"}']
)
def test_a_token_is_read_from_each_of_upstreams_forms(given: str) -> None:
    assert token(given) == "secret"


def test_a_token_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "to ken").write_text("secret\n")
    assert token((tmp_path / "to ken").as_uri()) == "secret"
    auth = ["--auth-plugin", TOKEN_PLUGIN, "--auth-params", (tmp_path / "to ken").as_uri()]
    options = parse(["--admin-url", "https://w:1", *auth, *FUNCTION, "--destination-file", "f.py"])
    assert headers(options) == {"Authorization": "Bearer secret"}


@pytest.mark.parametrize(
    "given",
    [
        "token:sec\nret",
        "token: ",
        "token:s\u00e9cret",
        '{"token": "sec\\nret"}',
        '{"token": null}',
        '{"token": "secret',
    ],
)
def test_a_token_that_no_request_can_have_is_refused_and_not_told(given: str) -> None:
    with pytest.raises(DownloadError, match="--auth-params") as raised:
        token(given)
    assert "cret" not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None, "a traceback would have it"


def test_a_token_file_of_two_lines_is_refused_and_not_told(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"secret\n\xff")
    with pytest.raises(DownloadError, match="no usable token") as raised:
        token((tmp_path / "token").as_uri())
    assert "secret" not in str(raised.value)


def test_another_kind_of_authentication_is_refused() -> None:
    auth = ["--auth-plugin", "acme.Kerberos", "--auth-params", "secret"]
    options = parse(["--admin-url", "https://w:1", *auth, *FUNCTION, "--destination-file", "f.py"])
    with pytest.raises(DownloadError, match=r"acme\.Kerberos") as raised:
        headers(options)
    assert "secret" not in str(raised.value)


def test_the_url_of_a_broker_before_the_worker_may_end_in_a_slash() -> None:
    options = parse(["--admin-url", "http://broker:8080/", *FUNCTION, "--destination-file", "f.py"])
    assert url(options).startswith("http://broker:8080/admin/v3/functions/t/n/")


class Secured:
    """A worker whose HTTPS port has a certificate for 127.0.0.1."""

    def __init__(self, folder: Path) -> None:
        self.authority = Authority.make(folder)
        handler = type("Handler", (Worker,), {"answers": [(200, b"code", 4)], "asked": []})
        self.server = HTTPServer(("127.0.0.1", 0), handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*self.authority.issue("worker"))
        self.server.socket = self.context.wrap_socket(self.server.socket, server_side=True)

    def ask_for_certificates(self) -> None:
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(self.authority.file)

    def options(self, destination: Path, *more: str, host: str = "127.0.0.1") -> argparse.Namespace:
        address = f"https://{host}:{self.server.server_port}"
        return parse(["--admin-url", address, *more, *FUNCTION, "--destination-file", str(destination)])


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    folder = tmp_path / "certificates"
    folder.mkdir()
    secured = Secured(folder)
    thread = threading.Thread(target=secured.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield secured
    secured.server.shutdown()
    thread.join()
    secured.server.server_close()


def once(options: argparse.Namespace) -> None:
    """A download that may not ask a second time."""
    download(options, iter([0.0, GIVE_UP_SECONDS + 1]).__next__, lambda _: None)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_trusted_worker_serves_by_https_whatever_its_name(secured: Secured, tmp_path: Path, host: str) -> None:
    once(secured.options(tmp_path / "f.py", "--tls-trust-cert-path", str(secured.authority.file), host=host))
    assert (tmp_path / "f.py").read_bytes() == b"code"


def test_a_name_counts_when_it_is_verified(secured: Secured, tmp_path: Path) -> None:
    trusting = ("--tls-trust-cert-path", str(secured.authority.file), "--tls-enable-hostname-verification")
    once(secured.options(tmp_path / "f.py", *trusting))
    with pytest.raises(DownloadError, match=r"Hostname mismatch, certificate is not valid for 'localhost'"):
        once(secured.options(tmp_path / "f.py", *trusting, host="localhost"))


def test_an_insecure_download_takes_any_certificate(secured: Secured, tmp_path: Path) -> None:
    once(secured.options(tmp_path / "f.py", "--tls-allow-insecure", "--tls-enable-hostname-verification"))
    assert (tmp_path / "f.py").read_bytes() == b"code"


def test_an_untrusted_worker_is_final_and_named(secured: Secured, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    file = Authority.make(other).file
    told = rf"https://127\.0\.0\.1.*: its certificate is refused: .*; trusted are {file}$"
    with pytest.raises(DownloadError, match=told):
        once(secured.options(tmp_path / "f.py", "--tls-trust-cert-path", str(file)))
    assert not (tmp_path / "f.py").exists()


@pytest.mark.parametrize("content", [None, "no certificates"])
def test_unusable_certificates_are_final_and_named(secured: Secured, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(DownloadError, match=rf"--tls-trust-cert-path {file}: \S+"):
        once(secured.options(tmp_path / "f.py", "--tls-trust-cert-path", str(file)))


def test_a_token_file_that_is_missing_is_final_and_named(tmp_path: Path) -> None:
    auth = ["--auth-plugin", TOKEN_PLUGIN, "--auth-params", "file:///no/token"]
    options = parse(["--admin-url", "http://w:1", *auth, *FUNCTION, "--destination-file", str(tmp_path / "f.py")])
    with pytest.raises(DownloadError, match="file:///no/token: No such file"):
        once(options)


def test_a_certificate_proves_who_asks(secured: Secured, tmp_path: Path) -> None:
    secured.ask_for_certificates()
    certificate, key = secured.authority.issue("function")
    trusting = ("--tls-trust-cert-path", str(secured.authority.file))
    mine = ("--auth-plugin", TLS_PLUGIN, "--auth-params", f"tlsCertFile:{certificate},tlsKeyFile:{key}")
    once(secured.options(tmp_path / "f.py", *trusting, *mine))
    assert (tmp_path / "f.py").read_bytes() == b"code"
    missing = ("--auth-plugin", TLS_PLUGIN, "--auth-params", "tlsCertFile:/no/cert,tlsKeyFile:/no/key")
    with pytest.raises(DownloadError, match="tlsCertFile /no/cert, tlsKeyFile /no/key: No such file"):
        once(secured.options(tmp_path / "f.py", *trusting, *missing))


@pytest.mark.parametrize("text", ["tlsCertFile:/c,tlsKeyFile:/k", '{"tlsCertFile": "/c", "tlsKeyFile": "/k"}'])
def test_a_certificate_is_read_from_each_of_upstreams_forms(text: str) -> None:
    assert client_certificate(text) == ("/c", "/k")
