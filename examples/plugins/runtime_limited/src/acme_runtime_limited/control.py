"""Asking a running instance: proto.InstanceControl over gRPC, metrics over HTTP, both on this machine."""

from typing import TypeVar

import grpc
import httpx2
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from pulsemill.errors import PulsemillError

DEADLINE_SECONDS = 5.0
Answer = TypeVar("Answer", bound=Message)


class Control:
    """One life of an instance, seen from outside."""

    def __init__(self, port: int, metrics_port: int) -> None:
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
        self._metrics_url = f"http://127.0.0.1:{metrics_port}/"

    async def call(self, method: str, answer: type[Answer]) -> Answer:
        """Call a method of InstanceControl; waits for an instance that is still starting, up to the deadline."""
        call = self._channel.unary_unary(
            f"/proto.InstanceControl/{method}",
            request_serializer=Empty.SerializeToString,
            response_deserializer=answer.FromString,
        )
        try:
            reply: Answer = await call(Empty(), timeout=DEADLINE_SECONDS, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            raise PulsemillError(f"the instance does not answer: {error.details() or error.code().name}") from error
        return reply

    async def metrics(self) -> str:
        """The metrics' text, empty while the instance has none."""
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=DEADLINE_SECONDS) as client:
                return (await client.get(self._metrics_url)).raise_for_status().text
        except httpx2.HTTPError:
            return ""

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close(None)
