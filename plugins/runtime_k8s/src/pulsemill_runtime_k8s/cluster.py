"""The worker's connection to Kubernetes: one API client, one view of each namespace, the current settings.

Everything belongs to the worker's event loop. Order of a close: the reading of the ConfigMap, the watches, the client.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from pulsemill.customizer import ManifestCustomizer
from pulsemill.runtime import InstanceConfig
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData
from pulsemill_runtime_k8s.admissible import problem_of
from pulsemill_runtime_k8s.api import KubernetesApi
from pulsemill_runtime_k8s.change_config_map import ConfigMapReader, changes
from pulsemill_runtime_k8s.changeable import FIXED, changeable
from pulsemill_runtime_k8s.channels import StatusAccess
from pulsemill_runtime_k8s.connecting import connect
from pulsemill_runtime_k8s.deployment import Deployment
from pulsemill_runtime_k8s.manifests import ObjectPlan, object_place
from pulsemill_runtime_k8s.orphan_deletion import Functions, OrphanDeletion
from pulsemill_runtime_k8s.rbac import Right, needed_rights, report_missing_rights
from pulsemill_runtime_k8s.reaching import channels_of, status_access
from pulsemill_runtime_k8s.runtime import KubernetesRuntime
from pulsemill_runtime_k8s.settings import Settings
from pulsemill_runtime_k8s.view import NamespaceView
from pulsemill_runtime_k8s.views import Views

logger = logging.getLogger(__name__)


class Cluster:
    """A Kubernetes as one worker uses it. `settings` change with the ConfigMap of changeConfigMap."""

    def __init__(self, api: KubernetesApi, settings: Settings, customizer: ManifestCustomizer | None) -> None:
        self.api = api
        self.settings = settings
        self._customizer = customizer
        self._views = Views(api)
        self._orphans = OrphanDeletion(api, self._views, lambda: self.settings, customizer)
        self._reading: asyncio.Task[None] | None = None
        self._told: set[str] = set()

    @classmethod
    async def connected(cls, settings: Settings, manager: str, customizer: ManifestCustomizer | None) -> "Cluster":
        """Find the API server; ConfigurationError when nothing says where it is. It need not answer yet."""
        client = await connect(settings.k8_uri, submitting_inside_pod=settings.submitting_inside_pod)
        return cls(KubernetesApi(client, manager), settings, customizer)

    async def start(self) -> None:
        """Tell what the worker may not do, begin to watch, and take over what the ConfigMap changed earlier.

        Functions that start with the file's values would be brought back to them.
        """
        if self.settings.own.rbac_check:
            await self._report_missing_rights()
        self.view(self.settings.job_namespace)
        if self.settings.change_config_map:
            reader = ConfigMapReader(
                self.api, self._config_map, self.take_changes, self.settings.own.change_config_map_seconds
            )
            await reader.read()
            self.view(self.settings.job_namespace)
            self._reading = asyncio.create_task(reader.run(), name="changeConfigMap")

    async def close(self) -> None:
        """Let go of everything. Idempotent."""
        if self._reading:
            self._reading.cancel()
            await asyncio.wait([self._reading])
            self._reading = None
        await self._views.close()
        await self.api.close()

    def view(self, namespace: str) -> NamespaceView:
        """What a namespace holds; watched from the first time that it is asked for."""
        return self._views.of(namespace)

    def runtime(self, instance: InstanceConfig, plan: Callable[[], ObjectPlan]) -> KubernetesRuntime:
        """All instances of a function, not yet started; `plan` is asked at each start."""
        return KubernetesRuntime(
            instance.name,
            configure=lambda: self.deployment(plan()),
            view_of=self.view,
            channels_of=lambda deployment: channels_of(self.api, self.settings, deployment),
            place_of=lambda successor: object_place(successor.function_details, self.settings, self._customizer),
        )

    def deployment(self, plan: ObjectPlan) -> Deployment:
        """The objects of a plan."""
        view = self.view(plan.stateful_set["metadata"]["namespace"])
        return Deployment(self.api, view, plan.service, plan.stateful_set, self.settings.grace_period_seconds)

    async def delete_orphans(self, functions: Functions, deleted: Iterable[FunctionMetaData] = ()) -> None:
        """Delete the objects of functions that are deleted, stopped or moved."""
        await self._orphans.run(functions, deleted)

    async def report_missing_rights(self, resource: str, verbs: Sequence[str], namespace: str) -> None:
        """Tell what this worker may not do with a resource of the API's core group."""
        await report_missing_rights(self.api, [Right("", resource, verbs, namespace)])

    def take_changes(self, data: Mapping[str, str]) -> None:
        """Take over what a ConfigMap changes; functions get it at their next start."""
        found = changes(data, changeable(self.settings), FIXED, self.settings, problem_of)
        for line in found.applied:
            logger.info("%s", line)
        for line in found.refused:
            if line not in self._told:
                logger.warning("ConfigMap %s: %s", self.settings.change_config_map, line)
                self._told.add(line)
        if found.values:
            values: dict[str, Any] = dict(found.values)
            self.settings = attrs.evolve(self.settings, **values)

    async def _report_missing_rights(self) -> None:
        """Where functions run that say nothing themselves: in the customizer's namespace if it names one."""
        ours = self.settings.job_namespace
        default = self._customizer.customize_namespace(FunctionDetails(), ours) if self._customizer else ours
        place = self._config_map() if self.settings.change_config_map else None
        forwards = status_access(self.settings) is StatusAccess.PORT_FORWARD
        rights = needed_rights(dict.fromkeys((ours, default)), place, forwards=forwards)
        await report_missing_rights(self.api, rights)

    def _config_map(self) -> tuple[str, str]:
        return self.settings.change_config_map_namespace, self.settings.change_config_map
