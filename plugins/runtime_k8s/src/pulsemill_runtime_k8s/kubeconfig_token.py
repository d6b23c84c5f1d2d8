"""The token that a kubeconfig file tells: a short-lived one of an exec plugin, or one of a file that is replaced."""

import asyncio
import logging
import time
from typing import Final

import attrs
from kubernetes.aio.client import Configuration
from kubernetes.aio.config.config_exception import ConfigException
from kubernetes.aio.config.kube_config import KubeConfigLoader

PERIOD_SECONDS: Final = 60.0
"""As often as the library rereads a service account's token. It has plugins run five minutes before theirs expires."""
RENEWAL_SECONDS: Final = 5.0
"""Less than a request, which waits for it. What takes longer counts for the requests after it."""
_KEY: Final = "BearerToken"

logger = logging.getLogger(__name__)


@attrs.define
class KubeconfigToken:
    """Renews the token now and then, when a request is made. One that cannot be renewed stays until it can."""

    loader: KubeConfigLoader
    _due: float = attrs.field(factory=lambda: time.monotonic() + PERIOD_SECONDS, init=False)
    _loading: asyncio.Task[None] | None = attrs.field(default=None, init=False)

    def keep_fresh(self, configuration: Configuration) -> None:
        """Have it renewed. A plugin that failed gets another chance."""
        if "exec" in (self.loader._user or ()) and not configuration.cert_file:  # noqa: SLF001 as the library's refresh
            configuration.api_key.setdefault(_KEY, "")  # without any, nobody would ask
        configuration.refresh_api_key_hook = self.renew  # type: ignore[assignment] # declared as None

    async def renew(self, configuration: Configuration) -> None:
        """Bring the token up to date; ConfigException when there never was one."""
        if not self._loading and time.monotonic() >= self._due:
            self._loading = asyncio.create_task(self._load(configuration), name="kubeconfig token")
        if self._loading:
            await asyncio.wait([self._loading], timeout=RENEWAL_SECONDS)
        if not configuration.api_key[_KEY]:
            raise ConfigException("the exec plugin of the kubeconfig file gives no token; see the worker's log")

    async def _load(self, configuration: Configuration) -> None:
        """One at a time, never given up: the library leaves the process of a plugin that hangs."""
        try:
            await self.loader.load_and_set(configuration)  # type: ignore[no-untyped-call]
        except (ConfigException, OSError, ValueError) as error:
            logger.warning("the token of the kubeconfig file cannot be renewed: %s", error)
        finally:
            self._loading, self._due = None, time.monotonic() + PERIOD_SECONDS
