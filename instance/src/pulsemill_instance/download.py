"""The program `pulsemill-download`: brings a function's package into its pod, from a worker's REST API.

It takes what the Kubernetes runtime writes for `pulsar-admin ... functions download`, so that an image without Java can
stand in for the official one. It waits for a worker that is away, and never leaves half a file. Why it gives up is its
last line and the container's termination message.
"""

import argparse
import contextlib
import http.client
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from pulsemill_instance.download_access import TLS_PLUGIN, TOKEN_PLUGIN, DownloadError, headers, text_of, tls
from pulsemill_instance.termination_message import leave_termination_message

CHUNK_BYTES: Final = 2**18
REQUEST_SECONDS: Final = 30.0
GIVE_UP_SECONDS: Final = 120.0
PAUSE_SECONDS: Final = 1.0
_HEALING: Final = frozenset({408, 429, 500, 502, 503, 504})


def main() -> None:
    """Download, or say why not and exit with 1."""
    options = parse(sys.argv[1:])
    try:
        download(options, time.monotonic, time.sleep)
    except DownloadError as error:
        reason = f"cannot download the package: {error}"
        leave_termination_message(reason)
        sys.exit(reason)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line of `pulsar-admin functions download`, as far as upstream's worker writes it."""
    parser = argparse.ArgumentParser(prog="pulsemill-download", description="Download the package of a function.")
    parser.add_argument("--admin-url", required=True, metavar="URL", help="a functions worker, or a broker before it")
    parser.add_argument("--auth-plugin", default="", metavar="CLASS", help=f"{TOKEN_PLUGIN} or {TLS_PLUGIN}")
    parser.add_argument(
        "--auth-params",
        default="",
        metavar="PARAMS",
        help="token:TOKEN or file:///PATH; tlsCertFile:/PATH,tlsKeyFile:/PATH",
    )
    parser.add_argument("--tls-allow-insecure", action="store_true", help="take any certificate")
    parser.add_argument("--tls-enable-hostname-verification", action="store_true", help="the certificate's name counts")
    parser.add_argument("--tls-trust-cert-path", default="", metavar="FILE", help="certificates to trust, PEM")
    parser.add_argument("group", choices=["functions"])
    parser.add_argument("verb", choices=["download"])
    for name in ("tenant", "namespace", "name"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--destination-file", required=True, type=Path, metavar="FILE", help="where the package goes")
    parser.add_argument("--transform-function", action="store_true", help="a sink's transform function instead")
    return parser.parse_args(arguments)


def download(options: argparse.Namespace, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
    """Write the package to its destination, however often the worker has to be asked within two minutes."""
    deadline = clock() + GIVE_UP_SECONDS
    while True:
        try:
            return fetch(options)
        except (OSError, http.client.HTTPException) as error:
            if reason := _final(options, error):
                raise DownloadError(reason) from error
            if clock() > deadline:
                raise DownloadError(f"{url(options)}: {error}") from error
            print(f"{url(options)}: {error}; trying again", file=sys.stderr)
        sleep(PAUSE_SECONDS)


def fetch(options: argparse.Namespace) -> None:
    """One request, whole or not at all."""
    destination: Path = options.destination_file
    destination.parent.mkdir(parents=True, exist_ok=True)
    unfinished = destination.with_name(f".{destination.name}.{os.getpid()}")
    request = urllib.request.Request(url(options), headers=headers(options))  # noqa: S310 the operator's URL
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS, context=tls(options)) as answer:  # noqa: S310
            _copy(answer, unfinished)
        unfinished.replace(destination)
    finally:
        unfinished.unlink(missing_ok=True)


def url(options: argparse.Namespace) -> str:
    """Where the worker serves the package of a function, source or sink; DownloadError when --admin-url is none."""
    address = urllib.parse.urlsplit(options.admin_url)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise DownloadError(f"--admin-url {options.admin_url!r} is no URL: http(s)://HOST:PORT is expected")
    name = "/".join(urllib.parse.quote(part, safe="") for part in (options.tenant, options.namespace, options.name))
    transform = "?transform-function=true" if options.transform_function else ""
    return f"{options.admin_url.rstrip('/')}/admin/v3/functions/{name}/download{transform}"


def _copy(answer: http.client.HTTPResponse, target: Path) -> None:
    expected = answer.headers.get("Content-Length")
    size = 0
    with target.open("wb") as file:
        while chunk := answer.read(CHUNK_BYTES):
            size += file.write(chunk)
    if expected is not None and size != int(expected):
        raise ConnectionError(f"only {size} of {expected} bytes came")


def _final(options: argparse.Namespace, error: OSError | http.client.HTTPException) -> str | None:
    """Why to ask again is of no use, if it is not."""
    if isinstance(error, http.client.InvalidURL):
        return f"--admin-url {options.admin_url!r}: {error}"
    if isinstance(error, urllib.error.HTTPError):
        return None if error.code in _HEALING else _refusal(options, error)
    if isinstance(error, PermissionError | FileExistsError | IsADirectoryError | NotADirectoryError):
        return f"{options.destination_file}: {text_of(error)}"
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, ssl.SSLCertVerificationError):
        trusted = options.tls_trust_cert_path or "the system's certificates"
        return f"{url(options)}: its certificate is refused: {error.reason.verify_message}; trusted are {trusted}"
    return None


def _refusal(options: argparse.Namespace, error: urllib.error.HTTPError) -> str:
    body = ""
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError, AttributeError):
        body = error.read(2000).decode(errors="replace")
        body = json.loads(body).get("reason") or body
    return f"{url(options)} answered {error.code} {error.reason}: {body}"


if __name__ == "__main__":
    main()
