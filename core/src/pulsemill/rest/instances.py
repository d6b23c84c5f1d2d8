"""Asks all instances of a function at once, those of other workers at their owners."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
from starlette.requests import Request

from pulsemill.instance_ids import instance_ids
from pulsemill.names import FunctionName
from pulsemill.rest.addresses import shown_path, url_at
from pulsemill.rest.errors import RestError
from pulsemill.rest.ports import OwnedElsewhereError, WorkerInfo
from pulsemill.rest.services import RestPorts
from pulsemill.security.broker_client import BrokerClientSecurity
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

OWNER_TIMEOUT_SECONDS = 30.0

Answer = dict[str, Any]
Ask = Callable[[int], Awaitable[Answer]]


async def ask_instances(
    ports: RestPorts, request: Request, details: FunctionDetails, ask: Ask, what: str
) -> dict[int, Answer]:
    """The answers of all assigned instances by id. `what` ends the URL at which an owner answers for one of its own."""

    async def ask_one(instance: int) -> Answer:
        try:
            return await ask(instance)
        except OwnedElsewhereError as error:
            return await _ask_owner(ports, request, error.owner, f"{instance}/{what}")

    ids = _instance_ids(ports, details)
    return dict(zip(ids, await asyncio.gather(*map(ask_one, ids)), strict=True))


def _instance_ids(ports: RestPorts, details: FunctionDetails) -> list[int]:
    assigned = [assignment.instance.instanceId for assignment in ports.instances.assignments(FunctionName.of(details))]
    return list(instance_ids(details)) if -1 in assigned else sorted(assigned)


async def _ask_owner(ports: RestPorts, request: Request, owner: WorkerInfo, path: str) -> Answer:
    function = shown_path(request).rpartition("/")[0]
    url = url_at(owner, request, f"{function}/{path}")
    security = BrokerClientSecurity.from_config(ports.config)
    verify = security.verify(url)
    try:
        own = security.http_headers()
        headers = own or {name: value for name, value in request.headers.items() if name == "authorization"}
        async with httpx2.AsyncClient(
            timeout=OWNER_TIMEOUT_SECONDS, transport=ports.transport, verify=verify
        ) as client:
            response = await client.get(url, headers=headers)
            response.raise_for_status()
            answer: Answer = response.json()
            return answer
    except (httpx2.HTTPError, ValueError) as error:
        raise RestError(
            500, f"Worker {owner.worker_id} owns an instance but did not answer at {url}: {error}"
        ) from error
