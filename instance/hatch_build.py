"""Makes the protobuf and gRPC stubs from the .proto files, for wheels and editable installs alike."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = "src"
PROTO = "pulsemill_instance/proto"
STUBS = ("_pb2.py", "_pb2.pyi", "_pb2_grpc.py")


class ProtobufBuildHook(BuildHookInterface[Any]):
    """Runs protoc before a wheel is put together and adds what it made to the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the stubs beside their .proto files; raise when protoc refuses one."""
        from grpc_tools import _proto, protoc

        source = Path(self.root) / SOURCE
        protos = sorted((source / PROTO).glob("*.proto"))
        flags = [f"--{kind}_out={source}" for kind in ("python", "pyi", "grpc_python")]
        well_known = Path(_proto.__path__[0])
        status = protoc.main(["protoc", f"-I{source}", f"-I{well_known}", *flags, *map(str, protos)])
        if status != 0:
            raise RuntimeError(f"protoc ended with {status} on {', '.join(p.name for p in protos)}")
        build_data["artifacts"] += [f"{SOURCE}/{PROTO}/*{ending}" for ending in STUBS]
