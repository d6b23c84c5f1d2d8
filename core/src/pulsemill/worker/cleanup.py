"""What is left to do when a function was deleted and its instances are stopped.

Upstream: org.apache.pulsar.functions.worker.FunctionActioner.terminateFunction.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import attrs
import pulsar.asyncio

from pulsemill.auth import FunctionAuthProvider
from pulsemill.broker.admin import BrokerAdmin, BrokerAdminError
from pulsemill.cluster.topic_log import quietly_close
from pulsemill.names import FunctionName
from pulsemill.state.worker_state import WorkerState
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData
from pulsemill_instance.topics import full_topic_name

ATTEMPTS: Final = 10
RETRY_SECONDS: Final = 1.0

logger = logging.getLogger(__name__)

DeleteSubscription = Callable[[str, str], Awaitable[None]]
"""Deletes a subscription, given topic and name; raises PulsarException or BrokerAdminError while it cannot."""

REFUSALS: Final = (pulsar.asyncio.PulsarException, BrokerAdminError)


def subscription_name(details: FunctionDetails) -> str:
    """The name under which a function subscribes to its inputs."""
    return details.source.subscriptionName or str(FunctionName.of(details))


def may_be_of_another_tenant(details: FunctionDetails, topic: str) -> bool:
    """Whether a subscription to a topic (or pattern) may be that of an application of the topic's tenant."""
    tenant = full_topic_name(topic).partition("://")[2].partition("/")[0]
    return tenant != details.tenant and subscription_name(details) != str(FunctionName.of(details))


@attrs.frozen
class Spared:
    """What other functions use by now: names of functions, and of subscriptions, whatever topic they are on."""

    functions: frozenset[FunctionName] = frozenset()
    subscriptions: frozenset[str] = frozenset()

    @classmethod
    def of(cls, functions: Iterable[FunctionMetaData]) -> "Spared":
        """All that these functions use."""
        details = [each.functionDetails for each in functions]
        return cls(frozenset(map(FunctionName.of, details)), frozenset(map(subscription_name, details)))


NOTHING: Final = Spared()


@attrs.frozen
class Cleanup:
    """Removes what a deleted function leaves behind. Nothing it cannot remove stops it; it is logged.

    `delete_of_pattern` deletes the subscription to a pattern of topics, if the broker has a way to. The worker's rights
    reach further than those of functions: where `keeps_tenants_apart`, subscriptions that a function found on topics of
    another tenant under a name of its own choice, whose they may be, stay.
    """

    delete_subscription: DeleteSubscription
    auth_provider: FunctionAuthProvider | None = None
    delete_of_pattern: DeleteSubscription | None = None
    state: WorkerState | None = None
    keeps_tenants_apart: bool = False

    async def after_delete(self, metadata: FunctionMetaData, spared: Callable[[], Spared] = lambda: NOTHING) -> bool:
        """Remove the function's credentials, with cleanupSubscription its subscriptions, and the last of its state.

        The state goes last: the broker keeps a subscription while it has consumers, which may still write state.
        `spared` tells what belongs to other functions by now, and is asked before each attempt, for they may take long.
        False when something else stays.
        """
        details = metadata.functionDetails
        done = True
        if self.auth_provider and metadata.HasField("functionAuthSpec"):
            done = await self._clean_up_auth_data(self.auth_provider, metadata)
        if details.source.cleanupSubscription:
            done = await self._clean_up_subscriptions(details, spared) and done
        if self.state and FunctionName.of(details) not in spared().functions:
            await self.state.drop(FunctionName.of(details))
        return done

    async def _clean_up_subscriptions(self, details: FunctionDetails, spared: Callable[[], Spared]) -> bool:
        done = True
        for topic, spec in details.source.inputSpecs.items():
            if self.keeps_tenants_apart and may_be_of_another_tenant(details, topic):
                logger.warning("the subscription %s to %s stays: another tenant's", subscription_name(details), topic)
                continue
            delete = self.delete_of_pattern if spec.isRegexPattern else self.delete_subscription
            if delete is None:
                logger.warning("the subscriptions of %s to the pattern %s stay", FunctionName.of(details), topic)
                continue
            done = await self._delete(delete, topic, subscription_name(details), spared) and done
        return done

    async def _clean_up_auth_data(self, provider: FunctionAuthProvider, metadata: FunctionMetaData) -> bool:
        try:
            await provider.clean_up_auth_data(metadata.functionDetails, metadata.functionAuthSpec)
        except Exception:
            logger.exception("the credentials of %s stay stored", FunctionName.of(metadata.functionDetails))
            return False
        return True

    async def _delete(self, delete: DeleteSubscription, topic: str, name: str, spared: Callable[[], Spared]) -> bool:
        import tenacity  # noqa: PLC0415 a worker's start has no use for it

        async def delete_unless_spared() -> None:
            if name not in spared().subscriptions:
                await delete(topic, name)

        retrying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=tenacity.wait_fixed(RETRY_SECONDS),
            retry=tenacity.retry_if_exception_type(REFUSALS),
            reraise=True,
        )
        try:
            await retrying(delete_unless_spared)
        except REFUSALS as error:
            logger.warning("the subscription %s of a deleted function stays on %s: %s", name, topic, error)
            return False
        return True


def subscription_deleter(client: pulsar.asyncio.Client) -> DeleteSubscription:
    """Deletes subscriptions without the broker's admin API: subscribe as their only consumer, then unsubscribe."""

    async def delete(topic: str, name: str) -> None:
        consumer = await client.subscribe(topic, name)
        try:
            await consumer.unsubscribe()
        finally:
            await quietly_close(consumer)

    return delete


def pattern_deleter(admin: BrokerAdmin) -> DeleteSubscription:
    """Deletes a subscription on all topics of the pattern's namespace, also those that match no more."""

    async def delete(pattern: str, name: str) -> None:
        await admin.unsubscribe_namespace(_namespace_of(pattern), name)

    return delete


def _namespace_of(pattern: str) -> str:
    """The namespace of a topic pattern; a short one is completed as the short name of a topic is."""
    tenant, separator, rest = pattern.rpartition("://")[2].partition("/")
    return f"{tenant}/{rest.partition('/')[0]}" if separator else "public/default"
