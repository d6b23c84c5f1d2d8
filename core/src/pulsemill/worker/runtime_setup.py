"""What runs functions in this worker: the plugins that its configuration selects, made in upstream's order."""

import logging
from collections.abc import Sequence
from typing import Any

import attrs

from pulsemill.auth import AuthenticationConfig, FunctionAuthProvider
from pulsemill.config.findings import Finding
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import ConfigurationError
from pulsemill.plugins import SelectedPlugins, Selection
from pulsemill.runtime import RuntimeContext, RuntimeFactory
from pulsemill.secrets import SecretsProviderConfigurator
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

logger = logging.getLogger(__name__)


@attrs.frozen
class RuntimeSetup:
    """The runtime factory and what it was made with."""

    factory: RuntimeFactory
    secrets: SecretsProviderConfigurator
    auth_provider: FunctionAuthProvider | None = None

    @classmethod
    def selected(cls, plugins: SelectedPlugins, *, strict: bool = False) -> "RuntimeSetup":
        """Make everything; PluginError or ConfigurationError says what cannot be.

        What was noticed about the plugins' configurations is logged, or, if `strict`, is an error.
        """
        config = plugins.worker_config
        secrets_class, runtime_class = plugins.secrets_configurator(), plugins.runtime_factory()
        auth_class, customizer_class = plugins.function_auth_provider(), plugins.manifest_customizer()
        context = RuntimeContext(
            worker_config=config,
            secrets=secrets_class.create(),
            authentication=authentication(config),
            auth_provider=auth_class.create() if auth_class else None,
            customizer=customizer_class.create() if customizer_class else None,
        )
        chosen: list[Selection[Any] | None] = [secrets_class, auth_class, customizer_class, runtime_class]
        report([each for selection in chosen if selection for each in selection.findings], plugins, strict=strict)
        return cls(runtime_class.create(context), context.secrets, context.auth_provider)

    def check_admission(self, details: FunctionDetails) -> None:
        """Raise AdmissionError when a function cannot run here."""
        self.factory.do_admission_checks(details)
        self.secrets.do_admission_checks(details)


def report(findings: Sequence[Finding], plugins: SelectedPlugins, *, strict: bool) -> None:
    """Log findings, or raise them as one ConfigurationError."""
    lines = [finding.located(plugins.origins.file) for finding in findings]
    if strict and lines:
        raise ConfigurationError("\n".join(lines))
    for line in lines:
        logger.warning("%s", line)


def authentication(config: WorkerConfig) -> AuthenticationConfig | None:
    """How instances authenticate to the broker and trust it; None when there is nothing to tell them.

    Credentials come with authenticationEnabled, as upstream's do; trust comes with TLS too, without which upstream's
    instances cannot connect.
    """
    use_tls = config.use_tls or config.pulsar_service_url.startswith("pulsar+ssl:")
    if not (config.authentication_enabled or use_tls):
        return None
    plugin, parameters = config.broker_client_authentication_plugin, config.broker_client_authentication_parameters
    return AuthenticationConfig(
        client_authentication_plugin=(plugin or "") if config.authentication_enabled else "",
        client_authentication_parameters=(parameters or "") if config.authentication_enabled else "",
        use_tls=use_tls,
        tls_trust_certs_file_path=config.broker_client_trust_certs_file_path,
        tls_allow_insecure_connection=config.tls_allow_insecure_connection,
        tls_hostname_verification_enable=config.tls_enable_hostname_verification,
    )
