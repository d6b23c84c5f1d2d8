"""The two objects of one function: brought in line, watched for changes by others, deleted.

Upstream deletes and creates for every change, takes 409 for success and so may lose a function to a deletion that is
still under way; here an apply that meets a deletion waits for its end and applies again.
"""

import logging
from functools import partial
from typing import Final

import attrs

from pulsemill.customizer import Manifest
from pulsemill.errors import PulsemillError
from pulsemill_runtime_k8s.api import MERGE, Json, KubernetesApi
from pulsemill_runtime_k8s.api_errors import ApiError
from pulsemill_runtime_k8s.managed_fields import taken_over
from pulsemill_runtime_k8s.objects import apply, delete, is_terminating, path_of, path_of_manifest, wait_gone
from pulsemill_runtime_k8s.ownership import NotOursError, belongs_to_same, not_ours
from pulsemill_runtime_k8s.view import NamespaceView

GONE_SECONDS: Final = 20.0
RESTARTED_AT: Final = "kubectl.kubernetes.io/restartedAt"
RESTARTER: Final = "pulsemill-restart"

logger = logging.getLogger(__name__)


@attrs.define
class Deployment:
    """A function's Service and StatefulSet as they should be; `view` shows what their namespace holds."""

    api: KubernetesApi
    view: NamespaceView
    service: Manifest
    stateful_set: Manifest
    grace_seconds: int

    @property
    def namespace(self) -> str:
        """Their namespace."""
        namespace: str = self.stateful_set["metadata"]["namespace"]
        return namespace

    @property
    def name(self) -> str:
        """Their name."""
        name: str = self.stateful_set["metadata"]["name"]
        return name

    @property
    def paths(self) -> tuple[str, str]:
        """Where they are, the StatefulSet first, as they are deleted."""
        return path_of_manifest(self.stateful_set), path_of_manifest(self.service)

    async def bring_in_line(self) -> tuple[Json, Json]:
        """Create or update both; the Service and the StatefulSet as the server has them then.

        PulsemillError when their name belongs to another function, or to somebody else.
        """
        if self.view.problem:
            await self._owned(self.service)
        service = await self._apply(self.service)
        try:
            return service, await self._apply(self.stateful_set)
        except NotOursError:
            await self._delete(self.service)  # two that began at once: the one that has the StatefulSet makes it anew
            raise

    async def delete(self) -> None:
        """Delete both and wait until they, and with the StatefulSet its pods, are gone; PulsemillError if not.

        What belongs to another function, or to somebody else, stays.
        """
        await self._delete(self.stateful_set, self.service)

    async def restart_pod(self, instance_id: int) -> None:
        """Let the StatefulSet's controller make one pod anew."""
        await delete(self.api, path_of("Pod", self.namespace, f"{self.name}-{instance_id}"))

    async def restart_all(self, now: str) -> Json:
        """Let the controller make all pods anew, one after the other; the change is no part of what we apply.

        The StatefulSet as the server has it then. `now` has to differ from that of any earlier restart.
        """
        annotated = {"spec": {"template": {"metadata": {"annotations": {RESTARTED_AT: now}}}}}
        return await self.api.request("PATCH", self.paths[0], {"fieldManager": RESTARTER}, annotated, MERGE)

    async def live(self) -> list[Json]:
        """Those that exist now, the Service first."""
        found = [await self.api.get(path) for path in reversed(self.paths)]
        return [each for each in found if each is not None]

    async def _delete(self, *manifests: Manifest) -> None:
        ours = [each for each in manifests if await self._is_ours(each)]
        for manifest in ours:
            grace_seconds = self.grace_seconds if manifest is self.stateful_set else None
            await delete(self.api, path_of_manifest(manifest), grace_seconds)
        for manifest in ours:
            await self._wait_gone(manifest)

    async def _is_ours(self, manifest: Manifest) -> bool:
        """Whether an object is there and belongs to this function."""
        live = self.view.current(manifest["kind"], self.name)
        if live is None or not self._belongs_to_same(live, manifest):
            live = await self.api.get(path_of_manifest(manifest))
        return live is not None and self._belongs_to_same(live, manifest)

    async def _apply(self, manifest: Manifest) -> Json:
        """What is known as ours is taken over from whoever changed it; what is not may be anybody's."""
        known = self.view.current(manifest["kind"], self.name)
        if known and not self._belongs_to_same(known, manifest):
            await self._owned(manifest)
        try:
            applied = await apply(self.api, manifest, force=known is not None)
        except ApiError as error:
            if not (error.is_invalid or error.is_conflict):
                raise
            applied = await self._apply_to(await self._owned(manifest), manifest, error)
        if is_terminating(applied):
            await self._wait_gone(manifest)
            applied = await apply(self.api, manifest)
        return await self._purified(applied, manifest)

    async def _purified(self, applied: Json, manifest: Manifest) -> Json:
        """Without what others added to its spec, which an apply alone leaves."""
        managed_fields = taken_over(applied, self.api.manager)
        if managed_fields is None:
            return applied
        path = path_of_manifest(manifest)
        logger.warning("%s: what others added to its spec is removed", path)
        ours = {"metadata": {"managedFields": managed_fields}}
        await self.api.request("PATCH", path, {"fieldManager": self.api.manager}, ours, MERGE)
        return await apply(self.api, manifest)

    async def _owned(self, manifest: Manifest) -> Json | None:
        """An object as it is now, if it is there; PulsemillError when it is not this function's."""
        live = await self.api.get(path_of_manifest(manifest))
        if live is not None and not self._belongs_to_same(live, manifest):
            raise not_ours(live, manifest, self.api.manager)
        return live

    def _belongs_to_same(self, live: Json, manifest: Manifest) -> bool:
        return belongs_to_same(live, manifest, self.api.manager)

    async def _apply_to(self, live: Json | None, manifest: Manifest, refusal: ApiError) -> Json:
        """Once more, to what turned out to be ours."""
        if live is None:
            raise refusal
        try:
            if refusal.is_conflict:
                return await apply(self.api, manifest)
        except ApiError as error:
            refusal = error
        if not refusal.is_invalid:
            raise refusal
        return await self._replace(manifest, refusal)

    async def _replace(self, manifest: Manifest, refusal: ApiError) -> Json:
        """Make an object anew, since some fields never change; a manifest that is invalid by itself stays refused."""
        path = path_of_manifest(manifest)
        if not await self._is_valid_elsewhere(manifest):
            raise refusal
        logger.info("%s cannot be changed in place and is made anew: %s", path, refusal.text)
        await delete(self.api, path, self.grace_seconds)
        await self._wait_gone(manifest)
        return await apply(self.api, manifest)

    async def _wait_gone(self, manifest: Manifest) -> None:
        until_unseen = partial(self.view.until_unseen, manifest["kind"], self.name)
        await wait_gone(self.api, path_of_manifest(manifest), GONE_SECONDS, until_unseen)

    async def _is_valid_elsewhere(self, manifest: Manifest) -> bool:
        """Whether the server would take the manifest if nothing of that name were there."""
        metadata = {**manifest["metadata"], "name": f"{manifest['metadata']['name'][:50]}-new"}
        try:
            query = {"fieldManager": self.api.manager, "dryRun": "All"}
            collection = path_of_manifest(manifest).rpartition("/")[0]
            await self.api.request("POST", collection, query, {**manifest, "metadata": metadata})
        except PulsemillError:
            return False
        return True
