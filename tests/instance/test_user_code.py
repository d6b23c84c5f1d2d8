import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pulsar.functions.serde import IdentitySerDe

from pulsemill_instance.errors import InstanceError
from pulsemill_instance.imports import ModuleImporter, PathImporter
from pulsemill_instance.isolated_imports import IsolatedImporter
from pulsemill_instance.startup_errors import UserCodeError
from pulsemill_instance.user_code import LoadedFunction, load_function

Load = Callable[[str, str], LoadedFunction]


def path_importer(folder: Path) -> ModuleImporter:
    return PathImporter([folder])


def isolated_importer(folder: Path) -> ModuleImporter:
    return IsolatedImporter([folder], "fn")


@pytest.fixture(params=[path_importer, isolated_importer])
def load(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Load]:
    """Load a class name from the source of `user_function.py`, under either importer."""
    package = tmp_path / "user_function.py"
    before = set(sys.modules)
    with closing(request.param(tmp_path)) as importer:

        def load(source: str, class_name: str) -> LoadedFunction:
            package.write_text(source)
            return load_function(package, class_name, importer)

        yield load
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_class_is_made_without_arguments_and_called_with_a_context(load: Load) -> None:
    function = load("class Fn:\n    def process(self, x, context): return x, context\n", "user_function.Fn")
    assert (function.kind, function.is_async) == ("class", False)
    assert function.process(1, 2) == (1, 2)


def test_a_dotless_name_is_a_native_module(load: Load) -> None:
    function = load("def process(x): return x\n", "user_function")
    assert (function.kind, function.process(1)) == ("native", 1)


@pytest.mark.parametrize(
    ("source", "class_name"),
    [
        ("async def process(x): return x\n", "user_function"),
        ("class Fn:\n    async def process(self, x, context): return x\n", "user_function.Fn"),
    ],
)
def test_coroutines_are_found_out(load: Load, source: str, class_name: str) -> None:
    assert load(source, class_name).is_async


@pytest.mark.parametrize(
    ("source", "class_name", "words"),
    [
        (
            "class Fn:\n    def __init__(self): raise OSError('no disk')",
            "user_function.Fn",
            ["Fn", "OSError: no disk", ":2)"],
        ),
        ("class Fn:\n    def __init__(self, x): pass", "user_function.Fn", ["without arguments", "TypeError"]),
        ("import sys\nclass Fn:\n    def __init__(self): sys.exit(3)", "user_function.Fn", ["SystemExit: 3"]),
        ("class Fm: pass", "user_function.Fn", ["'Fn' does not exist", "'user_function'", "its classes: Fm"]),
        ("def Fn(): pass", "user_function.Fn", ["'Fn' is no class", "its classes: none"]),
        ("class Fn: pass", "user_function.Fn", ["'user_function.Fn'", "no function named 'process'"]),
        ("process = 1", "user_function", ["Module 'user_function'", "no function named 'process'"]),
        ("", "other_function.Fn", ["Module 'other_function' is not in", "it has: user_function"]),
        ("", "user_function.inner.Fn", ["'user_function.inner'"]),
        ("import nothing_like_it", "user_function", ["cannot be imported", "'nothing_like_it'", "user_function.py:1"]),
        ("1 / 0", "user_function", ["ZeroDivisionError", "user_function.py:1"]),
        ("def process(:", "user_function", ["SyntaxError"]),
        ("", "", ["neither module.Class nor"]),
        ("", ".Fn", ["neither module.Class nor"]),
        ("", "user_function.", ["neither module.Class nor"]),
    ],
)
def test_what_cannot_run_is_one_clear_sentence(load: Load, source: str, class_name: str, words: list[str]) -> None:
    with pytest.raises(UserCodeError) as raised:
        load(source, class_name)
    assert [word for word in words if word not in str(raised.value)] == []
    assert "\n" not in str(raised.value)


def test_serde_is_the_clients(load: Load) -> None:
    function = load("def process(x): return x\n", "user_function")
    assert function.import_class("serde.IdentitySerDe") is IdentitySerDe


def test_other_classes_come_from_the_package_or_the_environment(load: Load) -> None:
    function = load("class Own: pass\ndef process(x): return x\n", "user_function")
    assert function.import_class("user_function.Own").__name__ == "Own"
    assert function.import_class("pathlib.Path") is Path
    for missing in ("user_function.None", "nothing_like_it.Own", "Own"):
        with pytest.raises(InstanceError):
            function.import_class(missing)


def test_a_path_importer_goes_first_and_leaves_the_path_as_it_was(tmp_path: Path) -> None:
    before = list(sys.path)
    importer = PathImporter([tmp_path / "a", tmp_path / "b"])
    assert sys.path[:2] == [str(tmp_path / "a"), str(tmp_path / "b")]
    importer.close()
    importer.close()
    assert sys.path == before
