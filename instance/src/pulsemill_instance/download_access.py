"""How a download proves who it is, and whom it trusts: upstream's `--auth-*` and `--tls-*`."""

import argparse
import json
import ssl
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Final

TOKEN_PLUGIN: Final = "org.apache.pulsar.client.impl.auth.AuthenticationToken"  # noqa: S105 a class name
TLS_PLUGIN: Final = "org.apache.pulsar.client.impl.auth.AuthenticationTls"


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
    """The token in the parameters of upstream's token authentication; OSError for a file that cannot be read."""
    if parameters.startswith("file:"):
        return Path(urllib.request.url2pathname(urllib.parse.urlsplit(parameters).path)).read_text().strip()
    if parameters.startswith("{"):
        return str(json.loads(parameters).get("token", ""))
    return parameters.removeprefix("token:")


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
        given = json.loads(parameters)
    else:
        pairs = (each.partition(":") for each in parameters.split(","))
        given = {name.strip(): path.strip() for name, _, path in pairs}
    return str(given.get("tlsCertFile", "")), str(given.get("tlsKeyFile", ""))


def text_of(error: OSError) -> str:
    """What the system says of it."""
    return error.strerror or str(error)


def _show_certificate(context: ssl.SSLContext, certificate: str, key: str) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise DownloadError(f"--auth-params: tlsCertFile {certificate}, tlsKeyFile {key}: {text_of(error)}") from error
