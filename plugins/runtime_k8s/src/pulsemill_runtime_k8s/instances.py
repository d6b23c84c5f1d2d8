"""The instances of one function: what the watches show of their pods, and what they answer themselves."""

import datetime as dt
from typing import TypeVar

import attrs
from google.protobuf.message import Message

from pulsemill.errors import PulsemillError
from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus
from pulsemill_runtime_k8s.api import Json
from pulsemill_runtime_k8s.channels import Channels
from pulsemill_runtime_k8s.pod_trouble import recent, restarts_of, trouble_of
from pulsemill_runtime_k8s.view import NamespaceView

Answer = TypeVar("Answer", bound=Message)


@attrs.define
class Instances:
    """The pods of the StatefulSet `name`. Without `channels` none is asked, for the reason that `silence` tells."""

    view: NamespaceView
    name: str
    silence: str
    channels: Channels | None = None

    async def close(self, silence: str) -> None:
        """Ask no more. Idempotent."""
        channels, self.channels = self.channels, None
        self.silence = silence
        if channels:
            await channels.close()

    async def status(self, instance_id: int) -> FunctionStatus:
        """The instance's own answer, else what keeps its pod from running."""
        pod, trouble = self._pod(instance_id)
        if trouble is None and pod is not None:
            try:
                status = await self._ask(instance_id, pod, "GetFunctionStatus", FunctionStatus)
            except PulsemillError as error:
                trouble = str(error)
        if trouble is not None:
            status = FunctionStatus(running=False, failureException=trouble)
        status.numRestarts = restarts_of(pod)
        return status

    async def ask(self, instance_id: int, method: str, answer: type[Answer]) -> Answer:
        """The answer of one that runs; PulsemillError says why there is none."""
        pod, trouble = self._pod(instance_id)
        if pod is None or trouble is not None:
            raise PulsemillError(trouble or self.silence)
        return await self._ask(instance_id, pod, method, answer)

    def _pod(self, instance_id: int) -> tuple[Json | None, str | None]:
        """An instance's pod and what is wrong with it."""
        view, pod_name = self.view, f"{self.name}-{instance_id}"
        pod = view.pod(pod_name)
        warnings = view.warnings("Pod", pod_name, _uid(pod))
        owner_warnings = view.warnings("StatefulSet", self.name, _uid(view.stateful_set(self.name)))
        trouble = trouble_of(pod, warnings, recent(owner_warnings, dt.datetime.now(dt.UTC)))
        if pod is None and view.pods_problem:
            trouble = f"The pods are not known: {view.pods_problem}"
        return pod, trouble

    async def _ask(self, instance_id: int, pod: Json, method: str, answer: type[Answer]) -> Answer:
        if self.channels is None:
            raise PulsemillError(self.silence)
        return await self.channels.call(instance_id, pod, method, answer)


def _uid(live: Json | None) -> str | None:
    return live["metadata"]["uid"] if live else None
