import gc
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from pulsemill_instance.isolated_imports import IsolatedImporter

Make = Callable[..., IsolatedImporter]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Importers of a folder whose files are given as path=content; `_in_` in a path stands for `/`."""
    with ExitStack() as stack:

        def make(name: str = "fn", **files: str) -> IsolatedImporter:
            folder = tmp_path / f"folder{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            for path, content in files.items():
                file = folder / (path.replace("_in_", "/") + ".py")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(content)
            importer = IsolatedImporter([folder], name)
            stack.callback(importer.close)
            return importer

        yield make


def test_two_packages_may_use_the_same_module_names(make: Make) -> None:
    source = "import helper\ndef process(x): return x + helper.MARK\n"
    first = make(exclaim=source, helper="MARK = '!'")
    second = make(exclaim=source + "#", helper="MARK = '?'")
    assert [importer.import_module("exclaim").process("a") for importer in (first, second)] == ["a!", "a?"]
    assert "exclaim" not in sys.modules
    assert "helper" not in sys.modules


@pytest.mark.parametrize(
    "source",
    [
        "import package.inner\nFOUND = package.inner.X",
        "import package.inner as name\nFOUND = name.X",
        "from package.inner import X as FOUND",
        "from package import inner\nFOUND = inner.X",
        "from package import X as FOUND",
        "import importlib\nFOUND = importlib.import_module('package.inner').X",
        "from importlib import import_module\nFOUND = import_module('package').X",
        "import importlib, package\nFOUND = importlib.import_module('.inner', package.__name__).X",
        "FOUND = __import__('package.inner').inner.X",
        "namespace = {}\nexec('import package.inner', namespace)\nFOUND = namespace['package'].inner.X",
        "def lazily():\n    from package.inner import X\n    return X\nFOUND = lazily()",
        "from space.deep import X as FOUND",
        "try:\n    import package.missing\nexcept ModuleNotFoundError:\n    FOUND = 1",
        "try:\n    from package import missing\nexcept ImportError:\n    FOUND = 1",
    ],
)
def test_every_form_of_import_finds_the_packages_modules(make: Make, source: str) -> None:
    importer = make(
        main=source, package_in___init__="from .inner import X", package_in_inner="X = 1", space_in_deep="X = 1"
    )
    assert importer.import_module("main").FOUND == 1


def test_the_standard_library_and_the_environment_stay_shared(make: Make) -> None:
    importer = make(
        main="import json, os.path, pulsar, importlib.util\nfrom pulsar import Function\nSPEC = importlib.util"
    )
    module = importer.import_module("main")
    assert module.json is sys.modules["json"]
    assert module.os is sys.modules["os"]
    assert module.pulsar is sys.modules["pulsar"]
    assert module.SPEC is sys.modules["importlib.util"]


def test_a_module_named_as_one_of_the_library_is_the_packages_own(make: Make) -> None:
    """As on a path of its own; the library itself goes on with its own module."""
    importer = make(main="import statistics\nFOUND = statistics.OWN", statistics="OWN = 1")
    assert importer.import_module("main").FOUND == 1
    assert "OWN" not in vars(__import__("statistics"))


def test_the_client_is_always_the_workers(make: Make) -> None:
    importer = make(main="import pulsar", pulsar="FAKE = True")
    assert importer.import_module("main").pulsar is sys.modules.get("pulsar", __import__("pulsar"))


def test_a_namespace_package_adds_to_the_environments(make: Make) -> None:
    importer = make(main="import google.own\nfrom google.protobuf import json_format", google_in_own="X = 1")
    module = importer.import_module("main")
    assert module.google.own.X == 1
    assert module.json_format is sys.modules["google.protobuf.json_format"]
    assert sys.modules["google.protobuf"].__spec__.name == "google.protobuf"


def test_dataclasses_enums_and_type_hints_work(make: Make) -> None:
    source = """
from __future__ import annotations
import dataclasses, enum, typing
class Color(enum.Enum):
    RED = 1
@dataclasses.dataclass
class Point:
    x: int
    color: Color = Color.RED
    kind: dataclasses.InitVar[int] = 0
    shared: typing.ClassVar[int] = 1
HINTS = typing.get_type_hints(Point)
"""
    module = make(main=source).import_module("main")
    assert module.HINTS["color"] is module.Color
    assert [field.name for field in module.dataclasses.fields(module.Point)] == ["x", "color"]


def test_pickles_live_as_long_as_the_instance(make: Make) -> None:
    source = "import pickle\nclass Thing: pass\ndef again(): return pickle.loads(pickle.dumps(Thing()))\n"
    module = make(main=source).import_module("main")
    assert isinstance(module.again(), module.Thing)


def test_an_unknown_module_is_unknown_as_usual(make: Make) -> None:
    with pytest.raises(ModuleNotFoundError) as raised:
        make(main="import no_such_module").import_module("main")
    assert raised.value.name == "no_such_module"


def test_an_extension_module_is_refused_with_the_reason(make: Make) -> None:
    importer = make(main="import native")
    (importer.folders[0] / "native.so").touch()
    with pytest.raises(ImportError, match=r"native\.so is no Python source: functions that share a process"):
        importer.import_module("main")


def test_no_bytecode_is_left_and_none_is_believed(make: Make) -> None:
    """Two versions of a file may be of the same second and the same size."""
    importer = make(main="X = 1")
    importer.import_module("main")
    assert [path.name for path in importer.folders[0].iterdir()] == ["main.py"]


def test_a_closed_importer_leaves_nothing_behind(make: Make) -> None:
    finders = list(sys.meta_path)
    importer = make(main="import helper\nclass Big: pass\n", helper="X = 1")
    module = importer.import_module("main")
    traces = [weakref.ref(module), weakref.ref(module.Big), weakref.ref(importer)]
    importer.close()
    importer.close()
    assert not [name for name in sys.modules if name.startswith(importer.parent)]
    assert sys.meta_path == finders
    assert not [entry for entry in sys.path_importer_cache if entry.startswith(str(importer.folders[0]))]
    del module, importer
    gc.collect()
    assert traces[0]() is None
    assert traces[1]() is None


@pytest.mark.parametrize(
    "change", [lambda importer, _: importer.close(), lambda _, make: make()], ids=["stop", "start"]
)
def test_an_import_under_way_in_another_thread_meets_each_finder_once(
    make: Make, monkeypatch: pytest.MonkeyPatch, change: Callable[[IsolatedImporter, Make], object]
) -> None:
    monkeypatch.setattr(sys, "meta_path", sys.meta_path)
    importer = make()
    expected = list(sys.meta_path)
    walk = iter(sys.meta_path)
    met = [next(walk)]
    change(importer, make)
    assert [*met, *walk] == expected


class Meanwhile(str):
    """A key during whose inspection another thread imports."""

    __slots__ = ("table",)

    def startswith(self, *_: object) -> bool:
        self.table[f"imported meanwhile {len(self.table)}"] = None
        return False


@pytest.mark.parametrize("name", ["modules", "path_importer_cache"])
def test_closing_lets_other_threads_import(make: Make, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    importer = make()
    monkeypatch.setattr(sys, name, table := dict(getattr(sys, name)))
    key = Meanwhile("key")
    key.table = table
    table[key] = None
    importer.close()
    assert key in table


def test_a_name_is_used_again_when_it_is_free(make: Make) -> None:
    first, second = make("public/default/fn-0"), make("public/default/fn-0")
    assert first.parent == "pulsemill_user_public_default_fn_0"
    assert second.parent != first.parent
    first.close()
    assert make("public/default/fn-0").parent == first.parent


def test_a_folder_with_new_content_is_read_anew(tmp_path: Path) -> None:
    versions = []
    for version in (1, 2):
        (tmp_path / "main.py").write_text(f"X = {version}")
        importer = IsolatedImporter([tmp_path], "fn")
        versions.append(importer.import_module("main").X)
        importer.close()
    assert versions == [1, 2]
