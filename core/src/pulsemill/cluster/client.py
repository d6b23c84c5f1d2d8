"""The worker's own connection to the broker."""

import asyncio
import logging
import os
import time
from typing import Any, Final

import _pulsar
import pulsar
import pulsar.asyncio

from pulsemill.cluster.topic_log import TopicError
from pulsemill.config.worker_config import WorkerConfig
from pulsemill.errors import PulsemillError
from pulsemill.security.broker_client import BrokerClientSecurity

OPERATION_SECONDS: Final = 10
CLOSE_SECONDS: Final = 5.0
RETRY_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)


class BrokerUnreachableError(PulsemillError):
    """No broker answers at pulsarServiceUrl."""


def create_client(config: WorkerConfig) -> pulsar.asyncio.Client:
    """A client with the worker's credentials and trust. Connects when it is first used."""
    options = {
        "operation_timeout_seconds": OPERATION_SECONDS,
        "connection_timeout_ms": OPERATION_SECONDS * 1000,
        **BrokerClientSecurity.from_config(config).pulsar_client_options(),
    }
    return pulsar.asyncio.Client(config.pulsar_service_url, logger=quiet_logger(), **options)


def quiet_logger() -> Any:
    """Drops what the Pulsar client logs: whatever fails is raised, and logged by who called.

    The first client of a process decides for all. A logger in Python must not be it: the client takes the interpreter's
    lock for it while it holds its own, and locks the process up as soon as functions of the thread runtime send. The
    client's own console logger writes to standard output, which belongs to commands.
    """
    return pulsar.FileLogger(pulsar.LoggerLevel.Error, os.devnull)


async def wait_for_broker(client: pulsar.asyncio.Client, topic: str, config: WorkerConfig) -> None:
    """Look a topic up until a broker answers, for initialBrokerReconnectMaxRetries seconds (at least once).

    BrokerUnreachableError when none does, TopicError when it lacks the functions namespace.
    """
    deadline = time.monotonic() + config.initial_broker_reconnect_max_retries * RETRY_SECONDS
    while True:
        try:
            await client.get_topic_partitions(topic)
        except pulsar.asyncio.PulsarException as error:
            if error.error() == _pulsar.Result.TopicNotFound:
                raise TopicError(
                    f"the broker at {config.pulsar_service_url} has no namespace {config.pulsar_functions_namespace} "
                    "(pulsarFunctionsNamespace); create it: pulsar-admin namespaces create "
                    f"{config.pulsar_functions_namespace}"
                ) from error
            if time.monotonic() >= deadline:
                raise BrokerUnreachableError(
                    f"no broker answers at pulsarServiceUrl {config.pulsar_service_url}: {error}; check the address "
                    "and the worker's credentials"
                ) from error
            logger.warning("no broker at %s yet: %s", config.pulsar_service_url, error)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return


async def close_client(client: pulsar.asyncio.Client) -> None:
    """Close a client, without waiting for a broker that is gone."""
    try:
        await asyncio.wait_for(client.close(), CLOSE_SECONDS)
    except (pulsar.asyncio.PulsarException, TimeoutError) as error:
        logger.debug("closing the Pulsar client: %s", error)
