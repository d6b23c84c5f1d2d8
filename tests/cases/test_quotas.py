"""Output topics with more backlog than their namespace allows: no input is acknowledged whose output is not stored."""

import pulsar
import pytest

from tests.cases.world import World, admin_path

pytestmark = pytest.mark.pulsar

# The first message after a pause is taken alone. The others are a batch: while its second call takes long, the client
# tries to reach the topic again, is refused, and drops the output of the first.
SOURCE = """
    import time
    calls = []
    def process(x):
        if x == "long" and x not in calls:
            calls.append(x)
            time.sleep(5)
        return x if x.startswith("kept") else None
"""


class Quota:
    """A namespace with an output topic and, when `exceed` is called, a quota that is below its backlog."""

    def __init__(self, world: World, policy: str) -> None:
        self.world, self.policy = world, policy
        self.namespace = f"public/quota-{world.name}"
        self.output = f"persistent://{self.namespace}/out"
        world.shared.admin.put(f"namespaces/{self.namespace}").raise_for_status()

    def exceed(self) -> None:
        """Set the quota, and wait until the broker goes by it; then have it close the topic."""
        limit = {"limitSize": 1, "limitTime": -1, "policy": self.policy}
        self.world.shared.admin.post(f"namespaces/{self.namespace}/backlogQuota", json=limit).raise_for_status()
        self.world.until(self._is_closed_to_producers)
        self.world.shared.admin.put(f"{admin_path(self.output)}/unload").raise_for_status()

    def lift(self) -> None:
        self.world.shared.admin.delete(f"namespaces/{self.namespace}/backlogQuota").raise_for_status()

    def _is_closed_to_producers(self) -> bool:
        try:
            self.world.shared.client.create_producer(self.output).close()
        except (pulsar.ProducerBlockedQuotaExceededError, pulsar.ProducerBlockedQuotaExceededException):
            return True
        return False


@pytest.mark.parametrize("policy", ["producer_exception", "producer_request_hold"])
def test_what_the_client_drops_for_a_quota_comes_again(world: World, policy: str) -> None:
    quota = Quota(world, policy)
    details = world.details()
    details.sink.topic = quota.output
    details.source.negativeAckRedeliveryDelayMs = 500
    world.shared.client.subscribe(quota.output, "idle").close()
    program = world.start(SOURCE, details)
    world.produce(b"kept 1")
    assert world.values(1, quota.output) == ["kept 1"]
    world.acknowledged()
    quota.exceed()
    world.produce(b"none", b"kept 2", b"long", batch=3)
    world.until(lambda: program.status.numSuccessfullyProcessed >= 3)
    assert world.backlog() == 1
    quota.lift()
    world.until(lambda: set(world.stored(quota.output)) == {"kept 1", "kept 2"})
    world.acknowledged()
