"""Deletes objects that belong to no function any more."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterable

import attrs

from pulsemill.customizer import ManifestCustomizer
from pulsemill.errors import PulsemillError
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.labels import labels_of
from pulsemill_runtime_k8s.manifests import object_place
from pulsemill_runtime_k8s.objects import delete, path_of
from pulsemill_runtime_k8s.orphans import Identity, Json, Wanted, identity, identity_of, orphans, place_of, should_run
from pulsemill_runtime_k8s.settings import Settings
from pulsemill_runtime_k8s.view import NamespaceView
from pulsemill_runtime_k8s.views import Views

logger = logging.getLogger(__name__)

Functions = Callable[[], Iterable[FunctionMetaData]]


@attrs.frozen
class OrphanDeletion:
    """Looks at all that the views show. `settings` are asked for each time: a ConfigMap may change them meanwhile."""

    api: KubernetesApi
    views: Views
    settings: Callable[[], Settings]
    customizer: ManifestCustomizer | None

    async def run(self, functions: Functions, deleted: Iterable[FunctionMetaData] = ()) -> None:
        """Delete the objects of functions that are deleted, stopped or moved, in every namespace that functions have.

        `functions` are asked for anew after each wait: one may have been registered in the meantime.
        """
        places = [self._place(each.functionDetails) for each in (*functions(), *deleted)]
        for namespace in {place[0] for place in places if place}:
            self.views.of(namespace)
        watched = self.views.all()
        synced = await asyncio.gather(*(view.synced() for view in watched))
        views = list(itertools.compress(watched, synced))
        for orphan in self._orphans(views, functions()):
            whose = [each for each in functions() if self._identity(each) == identity_of(orphan)]
            if orphan in self._orphans(views, whose, identity_of(orphan)):
                await self._delete(orphan)

    def _orphans(
        self, views: Iterable[NamespaceView], functions: Iterable[FunctionMetaData], of: Identity | None = None
    ) -> list[Json]:
        """In what is known for certain just now; of all functions, or of one."""
        known = [view for view in views if not view.problem]
        live = [each for view in known for each in (*view.stateful_sets(), *view.services())]
        wanted = [self._wanted(metadata) for metadata in functions if should_run(metadata)]
        return orphans([each for each in live if of in (None, identity_of(each))], wanted, self.api.manager)

    def _wanted(self, metadata: FunctionMetaData) -> Wanted:
        details = metadata.functionDetails
        return Wanted(labels_of(details, self.settings().custom_labels), self._place(details))

    def _identity(self, metadata: FunctionMetaData) -> Identity:
        return identity(labels_of(metadata.functionDetails, self.settings().custom_labels))

    def _place(self, details: FunctionDetails) -> tuple[str, str] | None:
        """Where a function's objects belong, None when its options (of a Java worker's, say) cannot be read."""
        try:
            return object_place(details, self.settings(), self.customizer)
        except PulsemillError:
            return None

    async def _delete(self, orphan: Json) -> None:
        namespace, name = place_of(orphan)
        kind = "Service" if "clusterIP" in orphan["spec"] else "StatefulSet"
        logger.warning("%s %s/%s belongs to no function any more and is deleted", kind, namespace, name)
        try:
            await delete(self.api, path_of(kind, namespace, name))
        except PulsemillError as error:
            logger.warning("%s", error)
