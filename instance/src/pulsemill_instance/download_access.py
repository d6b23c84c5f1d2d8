"""How a download proves who it is, and whom it trusts: upstream's `--auth-*` and `--tls-*`."""

import argparse
import json
import re
import ssl
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Final

TOKEN_PLUGIN: Final = "org.apache.pulsar.client.impl.auth.AuthenticationToken"  # noqa: S105 a class name
TLS_PLUGIN: Final = "org.apache.pulsar.client.impl.auth.AuthenticationTls"
_USABLE: Final = re.compile(r"[!-~]+")
"""A token that a header can hold; http.client would show any other one in its error."""


class DownloadError(Exception):
    """Why there is no package, for whoever reads the pod's log."""


def headers(options: argparse.Namespace) -> dict[str, str]:
    """The token, if the pod has one. It is read each time: Kubernetes renews its own."""
    plugin, parameters = options.auth_plugin, options.auth_params
    if not plugin or not parameters or plugin == TLS_PLUGIN:
        return {}
    if plugin != TOKEN_PLUGIN:
        raise DownloadError(f"this image knows no {plugin}, only {TOKEN_PLUGIN} and {TLS_PLUGIN}")
    try:
        return {"Authorization": f"Bearer {token(parameters)}"}
    except OSError as error:
        raise DownloadError(f"--auth-params {parameters}: {text_of(error)}") from error


def token(parameters: str) -> str:
    """The token in the parameters of upstream's token authentication; OSError for a file that cannot be read.

    DownloadError for one that no request can have; nothing of it is told.
    """
    if parameters.startswith("file:"):
        path = urllib.request.url2pathname(urllib.parse.urlsplit(parameters).path)
        given = Path(path).read_text(errors="replace")
    elif parameters.startswith("{"):
        given = str(_object(parameters).get("token") or "")
    else:
        given = parameters.removeprefix("token:")
    if not _USABLE.fullmatch(found := given.strip()):
        raise DownloadError("--auth-params hold no usable token: it is empty, or has white space or others than ASCII")
    return found


def tls(options: argparse.Namespace) -> ssl.SSLContext:
    """What is trusted and shown; without a switch for them, names are not checked, as upstream's client does not."""
    try:
        context = ssl.create_default_context(cafile=options.tls_trust_cert_path or None)
    except OSError as error:
        raise DownloadError(f"--tls-trust-cert-path {options.tls_trust_cert_path}: {text_of(error)}") from error
    context.check_hostname = options.tls_enable_hostname_verification and not options.tls_allow_insecure
    if options.tls_allow_insecure:
        context.verify_mode = ssl.CERT_NONE
    if options.auth_plugin == TLS_PLUGIN:
        _show_certificate(context, *client_certificate(options.auth_params))
    return context


def client_certificate(parameters: str) -> tuple[str, str]:
    """The paths of certificate and key in the parameters of upstream's TLS authentication."""
    if parameters.startswith("{"):
        given = _object(parameters)
    else:
        pairs = (each.partition(":") for each in parameters.split(","))
        given = {name.strip(): path.strip() for name, _, path in pairs}
    return str(given.get("tlsCertFile", "")), str(given.get("tlsKeyFile", ""))


def _object(parameters: str) -> dict[str, Any]:
    """What JSON holds, none of which may show in an error."""
    try:
        given: dict[str, Any] = json.loads(parameters)
    except ValueError:
        raise DownloadError("--auth-params begin with { but are no JSON") from None
    return given


def text_of(error: OSError) -> str:
    """What the system says of it."""
    return error.strerror or str(error)


def _show_certificate(context: ssl.SSLContext, certificate: str, key: str) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise DownloadError(f"--auth-params: tlsCertFile {certificate}, tlsKeyFile {key}: {text_of(error)}") from error
