import pytest

from pulsemill.instance_commands.options import split_runtime_flags
from pulsemill_instance.proto.Function_pb2 import FunctionDetails


@pytest.mark.parametrize(
    ("flags", "arguments"),
    [
        ("", []),
        ("-Xms64m", ["-Xms64m"]),
        ("-Xms64m -Dlog=warn", ["-Xms64m", "-Dlog=warn"]),
        ('-Dname="two words" -B', ['-Dname="two words"', "-B"]),
        ("-a\t-b\n-c", ["-a", "-b", "-c"]),
        ("-X 'not grouped'", ["-X", "'not", "grouped'"]),
        ("  -a  -b ", ["", "", "-a", "", "-b"]),
    ],
)
def test_flags_split_at_blanks_outside_of_double_quotes(flags: str, arguments: list[str]) -> None:
    assert split_runtime_flags(FunctionDetails(runtimeFlags=flags)) == arguments
