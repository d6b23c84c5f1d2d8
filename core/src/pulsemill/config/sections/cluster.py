"""Keys of the broker, the internal topics and scheduling."""

import attrs

from pulsemill.config.keys import key

_ONE_WORKER = "a worker of this version works alone and is its own leader"
_NO_COMPACTION = "the worker of this version leaves compaction to the broker's own policies"


@attrs.frozen(kw_only=True, slots=False)
class ClusterKeys:
    """How workers find the broker and agree with each other."""

    pulsar_service_url: str = key(
        "pulsar://localhost:6650",
        "The broker's service URL, for the worker and for functions.",
        read_by="pulsemill.cluster",
    )
    pulsar_web_service_url: str = key(
        "http://localhost:8080", "The broker's admin URL, for Java functions.", read_by="pulsemill_runtime_process"
    )
    function_web_service_url: str = key(
        "", "URL of the workers' REST API.", unused=_ONE_WORKER, derived="this worker's own address"
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
        "Whether metadata is written with keys, so that its topic can be compacted, and read compacted.",
        read_by="pulsemill.cluster",
    )
    topic_compaction_frequency_sec: int = key(
        1800, "Seconds between two compactions of the internal topics.", unused=_NO_COMPACTION
    )
    scheduler_class_name: str = key(
        "org.apache.pulsar.functions.worker.scheduler.RoundRobinScheduler",
        "Class that assigns instances to workers.",
        unused=_ONE_WORKER,
    )
    failure_check_freq_ms: int = key(30000, "Milliseconds between two looks at the membership.", unused=_ONE_WORKER)
    reschedule_timeout_ms: int = key(
        60000, "Milliseconds until the instances of a lost worker move.", unused=_ONE_WORKER
    )
    rebalance_check_freq_sec: int = key(-1, "Seconds between two rebalances; 0 or less: none.", unused=_ONE_WORKER)
    worker_list_probe_interval_sec: int = key(
        60, "Seconds between two looks for drained workers; 0 or less: none.", unused=_ONE_WORKER
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
