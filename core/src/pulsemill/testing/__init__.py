"""Contract suites for plugins: subclass one in a test module, say which class it is about, and run pytest.

    from pulsemill.testing import SecretsProviderConfiguratorContract

    class TestVault(SecretsProviderConfiguratorContract):
        plugin_class = VaultSecretsProviderConfigurator
        configuration = {"url": "https://vault.example"}

`configuration` is what would stand in functions_worker.yml. Fixtures of a suite can be overridden. The suites need
`pip install 'pulsemill[testing]'`; that of runtimes starts an embedded broker and needs `pulsemill[standalone]` too.
"""

import pytest

# Before the suites are imported, so that their assertions explain themselves.
pytest.register_assert_rewrite(
    "pulsemill.testing.auth",
    "pulsemill.testing.customizers",
    "pulsemill.testing.plugins",
    "pulsemill.testing.runtime_fixtures",
    "pulsemill.testing.runtime_functions",
    "pulsemill.testing.runtimes",
    "pulsemill.testing.secrets",
)

from pulsemill.testing.auth import FunctionAuthProviderContract  # noqa: E402 # see above
from pulsemill.testing.customizers import ManifestCustomizerContract  # noqa: E402
from pulsemill.testing.functions import function_details  # noqa: E402
from pulsemill.testing.runtimes import RuntimeFactoryContract  # noqa: E402
from pulsemill.testing.secrets import SecretsProviderConfiguratorContract  # noqa: E402

__all__ = [
    "FunctionAuthProviderContract",
    "ManifestCustomizerContract",
    "RuntimeFactoryContract",
    "SecretsProviderConfiguratorContract",
    "function_details",
]
