"""The internal topics and who is called what on them."""

import attrs

from pulsemill.cluster.topics import ClusterTopics
from pulsemill.config.worker_config import WorkerConfig


def test_names_are_upstreams() -> None:
    topics = ClusterTopics.of(WorkerConfig(worker_id="w1"))
    assert topics.metadata.topic == "persistent://public/functions/metadata"
    assert topics.metadata.writer_name == "w1-leader"
    assert topics.metadata.reader_name == "w1-function-metadata-tailer"
    assert topics.assignments.topic == "persistent://public/functions/assignments"
    assert topics.assignments.writer_name == "w1-scheduler-manager"
    assert topics.assignments.read_compacted
    assert topics.coordination == "persistent://public/functions/coordinate"


def test_a_namespace_of_its_own_and_compaction() -> None:
    config = WorkerConfig(worker_id="w1", pulsar_functions_namespace="public/mine", use_compacted_metadata_topic=True)
    topics = ClusterTopics.of(config)
    assert topics.metadata.topic == "persistent://public/mine/metadata"
    assert topics.metadata.read_compacted
    assert not ClusterTopics.of(attrs.evolve(config, use_compacted_metadata_topic=False)).metadata.read_compacted
