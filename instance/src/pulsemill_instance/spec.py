"""What the engine needs to know about the instance it runs."""

import attrs

from pulsemill_instance.proto.Function_pb2 import FunctionDetails


@attrs.frozen
class InstanceSpec:
    """One instance of one function, as the worker's command line describes it. Pure data.

    `state_storage_service_url` is None when the function may not keep state.
    """

    function_details: FunctionDetails = attrs.field(repr=False)
    instance_id: int
    function_id: str
    function_version: str
    cluster_name: str
    state_storage_service_url: str | None = None

    @property
    def fully_qualified_name(self) -> str:
        """`tenant/namespace/name`, upstream's FQFN."""
        details = self.function_details
        return f"{details.tenant}/{details.namespace}/{details.name}"
