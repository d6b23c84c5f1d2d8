"""The topics that the workers of a cluster share.

Upstream: org.apache.pulsar.functions.worker.{WorkerConfig, WorkerUtils, FunctionMetaDataManager, SchedulerManager}.
"""

from typing import Final

import attrs

from pulsemill.config.worker_config import WorkerConfig

PARTICIPANTS: Final = "participants"
"""The Failover subscription on the coordination topic: its consumers are the members, its active one is the leader."""


@attrs.frozen
class TopicSpec:
    """One internal topic: who writes it and who reads it."""

    topic: str
    writer_name: str
    reader_name: str
    read_compacted: bool


@attrs.frozen
class ClusterTopics:
    """A worker's view of the internal topics."""

    metadata: TopicSpec
    assignments: TopicSpec
    coordination: str

    @classmethod
    def of(cls, config: WorkerConfig) -> "ClusterTopics":
        """The topics that a configuration names, with upstream's producer and reader names."""
        worker = config.worker_id
        return cls(
            metadata=TopicSpec(
                topic=full_name(config, config.function_metadata_topic_name),
                writer_name=f"{worker}-leader",
                reader_name=f"{worker}-function-metadata-tailer",
                read_compacted=config.use_compacted_metadata_topic,
            ),
            assignments=TopicSpec(
                topic=full_name(config, config.function_assignment_topic_name),
                writer_name=f"{worker}-scheduler-manager",
                reader_name=f"{worker}-function-assignment-tailer",
                read_compacted=True,
            ),
            coordination=full_name(config, config.cluster_coordination_topic_name),
        )


def full_name(config: WorkerConfig, topic: str) -> str:
    """A topic of the functions namespace."""
    return f"persistent://{config.pulsar_functions_namespace}/{topic}"
