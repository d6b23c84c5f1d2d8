"""Instances that fetch their code by themselves are told where it is."""

from pulsemill.names import FunctionName, InstanceName
from pulsemill.packages.provider import PackageDescriber
from pulsemill_instance.proto.Function_pb2 import FunctionDetails, FunctionMetaData, PackageLocationMetaData


async def test_a_package_is_described_and_not_fetched() -> None:
    metadata = FunctionMetaData(
        functionDetails=FunctionDetails(tenant="t", namespace="n", name="f"),
        packageLocation=PackageLocationMetaData(packagePath="http://nowhere.invalid/f.py", originalFileName="f.py"),
        transformFunctionPackageLocation=PackageLocationMetaData(packagePath="builtin://clean"),
    )
    package = await PackageDescriber().fetch(metadata, -1)
    assert (package.code, package.location, package.original_name) == (None, "http://nowhere.invalid/f.py", "f.py")
    assert (package.transform, package.transform_location) == (None, "builtin://clean")
    await PackageDescriber().discard(InstanceName(FunctionName("t", "n", "f"), -1))
