"""Keys of the broker, the internal topics and scheduling."""

import attrs

from pulsemill.config.keys import key


@attrs.frozen(kw_only=True, slots=False)
class ClusterKeys:
    """How workers find the broker and agree with each other."""

    pulsar_service_url: str = key(
        "pulsar://localhost:6650",
        "The broker's service URL, for the worker and for functions.",
        read_by="pulsemill.cluster",
    )
    pulsar_web_service_url: str = key(
        "http://localhost:8080",
        "The broker's admin URL. Empty: the broker has no admin API, and the worker works alone.",
        read_by="pulsemill.broker",
    )
    function_web_service_url: str = key(
        "",
        "URL of the workers' REST API.",
        unused="workers reach each other at the addresses under which they joined the cluster",
        derived="this worker's own address",
    )
    pulsar_functions_namespace: str = key(
        "public/functions", "tenant/namespace of the internal topics.", read_by="pulsemill.cluster"
    )
    pulsar_functions_cluster: str = key(
        "standalone", "Name of the Pulsar cluster that the functions run on.", read_by="pulsemill.worker"
    )
    function_metadata_topic_name: str = key(
        "metadata", "Topic of the functions' metadata.", read_by="pulsemill.cluster"
    )
    cluster_coordination_topic_name: str = key(
        "coordinate", "Topic of leader election and membership.", read_by="pulsemill.cluster"
    )
    function_assignment_topic_name: str = key(
        "assignments", "Topic of the assignments of instances to workers.", read_by="pulsemill.cluster"
    )
    use_compacted_metadata_topic: bool = key(
        False,
        "Whether metadata is written with keys, so that its topic can be compacted, and read compacted. "
        "The same on all workers: one does not start on a topic that was written the other way.",
        read_by="pulsemill.cluster",
    )
    topic_compaction_frequency_sec: int = key(
        1800, "Seconds between two compactions of the internal topics; 0 or less: none.", read_by="pulsemill.cluster"
    )
    scheduler_class_name: str = key(
        "org.apache.pulsar.functions.worker.scheduler.RoundRobinScheduler",
        "Class that assigns instances to workers.",
        unused="instances are always given to the worker with the fewest, as RoundRobinScheduler does",
    )
    failure_check_freq_ms: int = key(
        30000, "Milliseconds between the leader's looks for lost workers; 0 or less: none.", read_by="pulsemill.cluster"
    )
    reschedule_timeout_ms: int = key(
        60000, "Milliseconds until the instances of a lost worker move.", read_by="pulsemill.cluster"
    )
    rebalance_check_freq_sec: int = key(
        -1, "Seconds between two rebalances; 0 or less: none.", read_by="pulsemill.cluster"
    )
    worker_list_probe_interval_sec: int = key(
        60, "Seconds between two looks for drained workers; 0 or less: none.", read_by="pulsemill.cluster"
    )
    initial_broker_reconnect_max_retries: int = key(
        60, "Attempts, a second apart, to reach the broker at the start.", read_by="pulsemill.cluster"
    )
    assignment_write_max_retries: int = key(
        60, "Attempts to write an assignment.", unused="upstream does not read it either"
    )
    instance_liveness_check_freq_ms: int = key(
        30000, "Milliseconds between two health checks of an instance.", read_by="pulsemill.worker"
    )
