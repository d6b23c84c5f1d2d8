"""The HTTPS port: who may connect, and certificates that are renewed while it serves."""

import asyncio
import os
import shutil
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.security.server_tls import RenewableTls, ServerCertificates
from pulsemill.worker.http_server import HttpServer, listen

HOST = "127.0.0.1"


async def answer(request: Request) -> Response:
    return PlainTextResponse(request.url.scheme)


APP = Starlette(routes=[Route("/", answer)])


@asynccontextmanager
async def serving(tls: RenewableTls, renew_seconds: float = 0) -> AsyncIterator[str]:
    listener = listen(HOST, 0)
    server = HttpServer(APP, listener, tls, renew_seconds)
    await server.start()
    try:
        yield f"https://{HOST}:{listener.getsockname()[1]}/"
    finally:
        await server.stop()


def trusting(authority: Any, *certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.file))
    if certificate:
        context.load_cert_chain(*certificate)
    return context


async def get(url: str, context: ssl.SSLContext) -> str:
    async with httpx2.AsyncClient(verify=context) as client:
        return (await client.get(url)).text


def certificates(authority: Any, **settings: Any) -> ServerCertificates:
    certificate, key = authority.issue("server")
    return ServerCertificates(str(certificate), str(key), **settings)


async def test_clients_that_trust_the_certificate_are_served(authority: Any, other_authority: Any) -> None:
    async with serving(RenewableTls(certificates(authority))) as url:
        assert await get(url, trusting(authority)) == "https"
        with pytest.raises(httpx2.ConnectError):
            await get(url, trusting(other_authority))
        with pytest.raises(httpx2.HTTPError):
            await get(url.replace("https:", "http:"), trusting(authority))


async def test_a_trusted_client_certificate_may_be_required(authority: Any, other_authority: Any) -> None:
    required = certificates(authority, trust_file=str(authority.file), require_trusted=True)
    async with serving(RenewableTls(required)) as url:
        assert await get(url, trusting(authority, *authority.issue("client"))) == "https"
        for context in (trusting(authority), trusting(authority, *other_authority.issue("client"))):
            with pytest.raises((httpx2.HTTPError, ssl.SSLError)):
                await get(url, context)


async def test_versions_of_tls_may_be_restricted(authority: Any) -> None:
    old = trusting(authority)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with serving(RenewableTls(certificates(authority, protocols=frozenset({"TLSv1.3"})))) as url:
        assert await get(url, trusting(authority)) == "https"
        with pytest.raises(httpx2.ConnectError):
            await get(url, old)
    async with serving(RenewableTls(certificates(authority))) as url:
        assert await get(url, old) == "https"


def remove(file: str) -> None:
    Path(file).unlink()


def replace(file: Path, by: Path) -> None:
    shutil.copy(by, file)
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1_000_000_000))


async def test_renewed_certificates_are_taken_up_without_a_restart(authority: Any, other_authority: Any) -> None:
    tls = RenewableTls(certificates(authority))
    async with serving(tls) as url:
        assert not tls.renew()
        new_certificate, new_key = other_authority.issue("new")
        replace(Path(tls.certificates.certificate_file), new_certificate)
        assert not tls.renew(), "half of a renewal is no renewal"
        assert await get(url, trusting(authority)) == "https"
        replace(Path(tls.certificates.key_file), new_key)
        assert tls.renew()
        assert await get(url, trusting(other_authority)) == "https"
        with pytest.raises(httpx2.ConnectError):
            await get(url, trusting(authority))


async def test_clients_that_are_trusted_no_longer_are_refused(authority: Any, other_authority: Any) -> None:
    trusted = authority.folder / "trusted.pem"
    shutil.copy(authority.file, trusted)
    tls = RenewableTls(certificates(authority, trust_file=str(trusted), require_trusted=True))
    client, other = authority.issue("client"), other_authority.issue("client")
    async with serving(tls) as url:
        replace(trusted, other_authority.file)
        assert tls.renew()
        assert await get(url, trusting(authority, *other)) == "https"
        with pytest.raises((httpx2.HTTPError, ssl.SSLError)):
            await get(url, trusting(authority, *client))


async def test_a_missing_file_leaves_everything_as_it_is(authority: Any, caplog: pytest.LogCaptureFixture) -> None:
    tls = RenewableTls(certificates(authority))
    remove(tls.certificates.key_file)
    async with serving(tls) as url:
        assert not tls.renew()
        assert await get(url, trusting(authority)) == "https"
    assert "stay as they were" in caplog.text


async def test_the_server_looks_for_renewals_on_its_own(authority: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, loop = asyncio.Event(), asyncio.get_running_loop()
    monkeypatch.setattr(RenewableTls, "renew", lambda _: loop.call_soon_threadsafe(looked.set))
    async with serving(RenewableTls(certificates(authority)), renew_seconds=0.001):
        await asyncio.wait_for(looked.wait(), 5)


def damaged(given: ServerCertificates) -> ServerCertificates:
    Path(given.certificate_file).write_text("nothing")
    return given


def encrypted(given: ServerCertificates) -> ServerCertificates:
    text = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n"
    Path(given.key_file).write_text(text)
    return given


@pytest.mark.parametrize(
    "spoil",
    [
        damaged,
        encrypted,
        lambda given: attrs.evolve(given, key_file="/no/such/key"),
        lambda given: attrs.evolve(given, trust_file="/no/such/trust"),
    ],
)
def test_files_that_cannot_be_used_are_named(
    spoil: Callable[[ServerCertificates], ServerCertificates], authority: Any
) -> None:
    spoilt = spoil(certificates(authority))
    with pytest.raises(ConfigurationError) as refused:
        RenewableTls(spoilt)
    assert all(repr(name) in str(refused.value) for name in (spoilt.certificate_file, spoilt.key_file))


def test_the_keys_of_the_configuration_are_used() -> None:
    config = WorkerConfig(
        tls_certificate_file_path="c",
        tls_key_file_path="k",
        tls_trust_certs_file_path="t",
        tls_require_trusted_client_cert_on_connect=True,
        web_service_tls_protocols=frozenset({"TLSv1.3"}),
    )
    assert ServerCertificates.from_config(config) == ServerCertificates(
        "c", "k", "t", require_trusted=True, protocols=frozenset({"TLSv1.3"})
    )
