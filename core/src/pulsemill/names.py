"""What functions and their instances are called."""

import attrs

from pulsemill_instance.proto.Function_pb2 import Assignment, FunctionDetails, Instance


@attrs.frozen(order=True)
class FunctionName:
    """A fully qualified function name, `tenant/namespace/name` (upstream's FQFN)."""

    tenant: str
    namespace: str
    name: str

    @classmethod
    def of(cls, details: FunctionDetails) -> "FunctionName":
        """The name in a function's details."""
        return cls(details.tenant, details.namespace, details.name)

    def __str__(self) -> str:
        return f"{self.tenant}/{self.namespace}/{self.name}"


@attrs.frozen(order=True)
class InstanceName:
    """One instance of a function, `tenant/namespace/name:id` (upstream's FQIID, the assignment topic's key)."""

    function: FunctionName
    instance_id: int

    @classmethod
    def of(cls, instance: Instance) -> "InstanceName":
        """The name of an instance as the scheduler wrote it."""
        return cls(FunctionName.of(instance.functionMetaData.functionDetails), instance.instanceId)

    @classmethod
    def assigned(cls, assignment: Assignment) -> "InstanceName":
        """The name of the instance that an assignment is about."""
        return cls.of(assignment.instance)

    @classmethod
    def parse(cls, key: str) -> "InstanceName":
        """Read an assignment's key; ValueError when it is none."""
        function, _, instance_id = key.rpartition(":")
        tenant, namespace, name = function.split("/", 2)
        return cls(FunctionName(tenant, namespace, name), int(instance_id))

    def __str__(self) -> str:
        return f"{self.function}:{self.instance_id}"
