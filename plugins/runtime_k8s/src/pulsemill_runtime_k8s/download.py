"""How a pod gets the function's package: upstream's command line asks the worker, which may read every storage."""

from pulsemill.auth import AuthenticationConfig
from pulsemill_runtime_k8s.pod_function import PodFunction
from pulsemill_runtime_k8s.pod_text import shell_word


def download_commands(function: PodFunction) -> list[str]:
    """One command for the package, and one for a sink's transform function."""
    commands = [_download(function, function.code)]
    if function.transform:
        commands.append(f"{_download(function, function.transform)} --transform-function")
    return commands


def _download(function: PodFunction, path: str) -> str:
    details, settings = function.details, function.settings
    words = [
        f"{settings.pulsar_root_dir}{settings.config_admin_cli}",
        *("--admin-url", settings.pulsar_admin_url),
        *(_authentication(function.authentication) if function.authentication else []),
        *("functions", "download"),
        *("--tenant", shell_word(details.tenant)),
        *("--namespace", shell_word(details.namespace)),
        *("--name", shell_word(details.name)),
        *("--destination-file", path),
    ]
    return " ".join(words)


def _authentication(config: AuthenticationConfig) -> list[str]:
    words: list[str] = []
    plugin, parameters = config.client_authentication_plugin, config.client_authentication_parameters
    if plugin.strip() and parameters.strip():
        words += ["--auth-plugin", plugin, "--auth-params", shell_word(parameters)]
    if config.tls_allow_insecure_connection:
        words.append("--tls-allow-insecure")
    if config.tls_hostname_verification_enable:
        words.append("--tls-enable-hostname-verification")
    if config.tls_trust_certs_file_path.strip():
        words += ["--tls-trust-cert-path", config.tls_trust_certs_file_path]
    return words
