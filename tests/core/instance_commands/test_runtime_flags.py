import re
import time
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulsemill.instance_commands.options import split_runtime_flags
from pulsemill_instance.proto.Function_pb2 import FunctionDetails

UPSTREAMS_BLANK: Final = re.compile(r'[ \t\n\x0b\f\r](?=(?:[^"]*"[^"]*")*[^"]*$)')


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


@given(st.text(st.sampled_from('ab"" \t\n\x0b\f\r\x1c\u00a0\u2028'), max_size=30))
@example('a "b c" d " e f')
@example('" \n')
def test_flags_split_where_upstreams_expression_does(flags: str) -> None:
    split = UPSTREAMS_BLANK.split(flags)
    while split and not split[-1]:
        split.pop()
    assert split_runtime_flags(FunctionDetails(runtimeFlags=flags)) == split


def test_long_flags_do_not_hold_up_the_worker() -> None:
    began = time.process_time()
    assert len(split_runtime_flags(FunctionDetails(runtimeFlags='" ' * 20_000))) == 10_000
    assert time.process_time() - began < 1
