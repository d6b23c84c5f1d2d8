"""How a command finds its worker and authenticates to it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

SECRET = "eyJhbGciOi.secret.part"


def names() -> list[httpx2.Response]:
    return [httpx2.Response(200, json=[])]


def test_the_default_worker(run: Callable[..., Any]) -> None:
    _, worker = run("functions", "list", answers=names())

    assert str(worker.requests[0].url) == "http://localhost:6750/admin/v3/functions/public/default"
    assert "Authorization" not in worker.requests[0].headers


@pytest.mark.parametrize("variable", ["PULSEMILL_ADMIN_URL", "PULSAR_ADMIN_URL"])
def test_the_worker_from_the_environment(run: Callable[..., Any], variable: str) -> None:
    _, worker = run("functions", "list", answers=names(), env={variable: "http://elsewhere:1234/"})

    assert worker.requests[0].url.host == "elsewhere"


def test_a_token_from_the_command_line_a_file_or_the_environment(run: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(SECRET + "\n")
    for arguments, env in (
        (["--auth-params", f"token:{SECRET}"], {}),
        (["--auth-params", f"file://{file}"], {}),
        ([], {"PULSAR_AUTH_PARAMS": f"token:{SECRET}"}),
    ):
        _, worker = run("functions", "list", *arguments, answers=names(), env=env)
        assert worker.requests[0].headers["Authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--auth-params", f'{{"jwt": "{SECRET}"}}'],
        ["--auth-params", f"token:{SECRET} {SECRET}"],
        ["--auth-params", f"token:{SECRET}", "--auth-plugin", "org.example.Kerberos"],
        ["--auth-params", f"token:{SECRET}", "--admin-url", "ftp://h"],
        ["--auth-params", f"token:{SECRET}"],
    ],
)
def test_no_error_echoes_the_token(run: Callable[..., Any], arguments: list[str]) -> None:
    result, _ = run("functions", "list", *arguments, answers=[httpx2.Response(401, json={"reason": "no"})])

    assert result.exit_code == 1
    assert result.output.startswith("Reason: ")
    assert SECRET not in result.output


def test_credentials_in_the_url_are_refused_unseen(run: Callable[..., Any]) -> None:
    result, _ = run("functions", "list", "--admin-url", f"http://me:{SECRET}@host:1")

    assert "holds credentials" in result.output
    assert SECRET not in result.output
