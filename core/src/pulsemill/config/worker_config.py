"""The worker's whole configuration.

Upstream: org.apache.pulsar.functions.worker.WorkerConfig. Where upstream's default in code cannot work, the value in
the functions_worker.yml that upstream ships is the default here.
"""

import attrs

from pulsemill.config.keys import key
from pulsemill.config.sections.cluster import ClusterKeys
from pulsemill.config.sections.own import OwnKeys
from pulsemill.config.sections.packages import PackageKeys
from pulsemill.config.sections.runtime import RuntimeKeys
from pulsemill.config.sections.security import SecurityKeys
from pulsemill.config.sections.service import ServiceKeys


@attrs.frozen(kw_only=True, slots=False)
class WorkerConfig(SecurityKeys, RuntimeKeys, ClusterKeys, PackageKeys, ServiceKeys):
    """A functions worker's configuration: each attribute is upstream's key in snake_case, all at one level.

    Attributes that upstream derives from others when they are empty (such as `worker_id`) are filled in by
    `pulsemill.config.derived.with_derived_values`, which the loader calls.
    """

    pulsemill: OwnKeys = key(OwnKeys(), "Settings that upstream does not have.", read_by="pulsemill.config")
