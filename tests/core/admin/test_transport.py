"""Redirects, timeouts and refusals."""

import io
from collections.abc import Callable

import httpx2
import pytest

from pulsemill.admin.connection import AdminConnection
from pulsemill.admin.transport import AdminError, AdminRequest, AdminTransport, path_of
from pulsemill.errors import ConfigurationError

Handler = Callable[[httpx2.Request], httpx2.Response]


def transport(handler: Handler, **settings: object) -> AdminTransport:
    return AdminTransport(AdminConnection("http://one:1", token="t0k", **settings), httpx2.MockTransport(handler))


def test_a_redirect_repeats_method_body_query_and_token() -> None:
    seen: list[tuple[str, str, bytes, str]] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        body = request.read()
        seen.append((request.method, str(request.url), body.split(b"\r\n")[-3], request.headers["Authorization"]))
        if request.url.host == "one":
            return httpx2.Response(307, headers={"Location": f"http://two:2{request.url.raw_path.decode()}"})
        return httpx2.Response(204)

    request = AdminRequest("PUT", "/a", {"q": "x y"}, {"data": ("f", io.BytesIO(b"code"))})
    transport(handler).send(request)

    assert seen == [
        ("PUT", "http://one:1/a?q=x+y", b"code", "Bearer t0k"),
        ("PUT", "http://two:2/a?q=x+y", b"code", "Bearer t0k"),
    ]


def test_redirects_in_circles_end() -> None:
    with pytest.raises(AdminError, match="more than 5 redirects"):
        transport(lambda _: httpx2.Response(307, headers={"Location": "/again"})).send(AdminRequest("GET", "/a"))


@pytest.mark.parametrize("location", ["", "ftp://two/a"])
def test_a_redirect_to_nowhere_is_refused(location: str) -> None:
    with pytest.raises(AdminError, match="is no address"):
        transport(lambda _: httpx2.Response(307, headers={"Location": location})).send(AdminRequest("GET", "/a"))


def test_a_redirect_never_leaves_https() -> None:
    client = AdminTransport(
        AdminConnection("https://one:1", token="t0k"),
        httpx2.MockTransport(lambda _: httpx2.Response(307, headers={"Location": "http://two/a"})),
    )

    with pytest.raises(AdminError, match="refused to follow the redirect from https"):
        client.send(AdminRequest("GET", "/a"))


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        (httpx2.Response(404, json={"reason": "Function f doesn't exist"}), "Function f doesn't exist"),
        (httpx2.Response(500, json={"reason": None}), "HTTP 500 Internal Server Error"),
        (httpx2.Response(503, text="<html>"), "HTTP 503 Service Unavailable"),
        (httpx2.Response(400, json=["x"]), "HTTP 400 Bad Request"),
    ],
)
def test_a_refusal_carries_the_workers_reason(response: httpx2.Response, reason: str) -> None:
    with pytest.raises(AdminError) as caught:
        transport(lambda _: response).send(AdminRequest("GET", "/a"))

    assert (str(caught.value), caught.value.status) == (reason, response.status_code)


def test_silence_and_absence_are_told_apart() -> None:
    def silent(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ReadTimeout("", request=request)

    def absent(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("Connection refused", request=request)

    with pytest.raises(AdminError, match=r"no answer from http://one:1 within 2 s"):
        transport(silent, timeout=2.0).send(AdminRequest("GET", "/a"))
    with pytest.raises(AdminError, match=r"cannot reach http://one:1: Connection refused"):
        transport(absent).send(AdminRequest("GET", "/a"))


def test_no_name_reaches_another_route() -> None:
    assert path_of("a", "../b", "c?d", "e/f") == "/a/..%2Fb/c%3Fd/e%2Ff"


def test_the_token_is_in_no_repr() -> None:
    assert "t0k" not in repr(AdminConnection(token="t0k"))


def test_missing_trusted_certificates_are_named() -> None:
    with pytest.raises(AdminError, match=r"cannot read the trusted certificates /no/such\.pem"):
        AdminTransport(AdminConnection("https://h", tls_trust_cert_path="/no/such.pem"))


@pytest.mark.parametrize("url", ["localhost:6750", "ftp://h", "http://", ""])
def test_an_admin_url_must_be_one(url: str) -> None:
    with pytest.raises(ConfigurationError, match="is not of the form"):
        AdminConnection(url)
