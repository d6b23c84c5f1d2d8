"""Finds and deletes secrets with tokens that no function uses any more."""

import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import attrs

from pulsemill_auth_token import secret
from pulsemill_auth_token.secret import SecretKey
from pulsemill_auth_token.secrets_api import SecretsApi
from pulsemill_instance.proto.Function_pb2 import FunctionMetaData

logger = logging.getLogger(__name__)


@attrs.define
class Orphans:
    """Those of one cluster of workers. It learns from each namespace what its functions left behind in others."""

    secrets: SecretsApi
    _left_behind: set[SecretKey] = attrs.field(factory=set)

    @property
    def namespaces(self) -> frozenset[str]:
        """Where functions were before."""
        return frozenset(key.namespace for key in self._left_behind)

    async def delete(self, namespace: str, functions: Callable[[], Iterable[FunctionMetaData]]) -> None:
        """Delete those in a namespace; KubernetesError. The functions are asked for after the secrets."""
        stored = await self.secrets.stored(namespace)
        mounted = await self.secrets.mounted(namespace) if stored else frozenset[str]()
        used = frozenset(each.functionAuthSpec.data.decode(errors="replace") for each in functions())
        self._left_behind |= secret.replaced_by(stored, used)
        replaced = {key.id for key in self._left_behind if key.namespace == namespace}
        for secret_id in secret.orphans(stored, used, replaced, datetime.now(UTC)):
            key = SecretKey(namespace, secret_id)
            if key.name not in mounted:
                logger.info("deleting the secret %s in namespace %s, which no function uses", key.name, namespace)
                await self.secrets.delete(key)
