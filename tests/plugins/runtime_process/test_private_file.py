import os
import subprocess
import sys

from pulsemill_runtime_process.private_file import PrivateFile


def test_the_child_reads_it_as_often_as_it_likes() -> None:
    content = b"[DEFAULT]\nx = " + b"y" * 200_000
    private = PrivateFile(content)
    code = f"a = open({private.path!r}).read(); b = open({private.path!r}).read(); print(len(a), a == b)"
    child = subprocess.Popen([sys.executable, "-c", code], pass_fds=[private.descriptor], stdout=subprocess.PIPE)
    private.close()
    output, _ = child.communicate(timeout=10)
    assert output.split() == [str(len(content)).encode(), b"True"]


def test_other_children_do_not_inherit_it() -> None:
    private = PrivateFile(b"secret")
    try:
        assert not os.get_inheritable(private.descriptor)
    finally:
        private.close()
