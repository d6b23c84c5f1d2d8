"""Asking a running instance, over gRPC and HTTP on this machine."""

from typing import TypeVar

import grpc
import httpx2
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from pulsemill_instance.proto.InstanceCommunication_pb2 import FunctionStatus, HealthCheckResult, MetricsData

Answer = TypeVar("Answer", bound=Message)

DEADLINE_SECONDS = 5.0
METRICS_BYTES = 16 * 1024 * 1024
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)


class InstanceControl:
    """The client of proto.InstanceControl. Calls wait for an instance that is still starting, up to the deadline.

    Every call raises grpc.aio.AioRpcError when there is no answer in time.
    """

    def __init__(self, port: int) -> None:
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS)

    async def get_function_status(self) -> FunctionStatus:
        """GetFunctionStatus."""
        return await self._call("GetFunctionStatus", FunctionStatus)

    async def get_metrics(self) -> MetricsData:
        """GetMetrics."""
        return await self._call("GetMetrics", MetricsData)

    async def get_and_reset_metrics(self) -> MetricsData:
        """GetAndResetMetrics."""
        return await self._call("GetAndResetMetrics", MetricsData)

    async def reset_metrics(self) -> None:
        """ResetMetrics."""
        await self._call("ResetMetrics", Empty)

    async def health_check(self) -> bool:
        """HealthCheck."""
        return (await self._call("HealthCheck", HealthCheckResult)).success

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close(None)

    async def _call(self, method: str, answer: type[Answer]) -> Answer:
        call = self._channel.unary_unary(
            f"/proto.InstanceControl/{method}",
            request_serializer=Empty.SerializeToString,
            response_deserializer=answer.FromString,
        )
        reply: Answer = await call(Empty(), timeout=DEADLINE_SECONDS, wait_for_ready=True)
        return reply


async def fetch_metrics(client: httpx2.AsyncClient, port: int) -> str:
    """The text on an instance's metrics port; httpx2.HTTPError when there is none in time or it never ends."""
    async with client.stream("GET", f"http://127.0.0.1:{port}/") as response:
        response.raise_for_status()
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > METRICS_BYTES:
                raise httpx2.DecodingError(f"more than {METRICS_BYTES} bytes of metrics")
    return body.decode(errors="replace")
