"""The user's function, loaded from its package: what to call, and the classes that lie beside it.

Upstream: PythonInstance.run and util.import_class, except that a constructor that raises is an error of its own and not
taken for a native function.
"""

import inspect
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import attrs

from pulsemill_instance.imports import ModuleImporter
from pulsemill_instance.lifecycle import NO_LIFECYCLE, Lifecycle, find_lifecycle
from pulsemill_instance.startup_errors import UserCodeError

SERDE = "serde"
SERDE_MODULE = "pulsar.functions.serde"
RAISED_BY_USERS = (Exception, SystemExit)


@attrs.frozen
class LoadedFunction:
    """A function ready to be called: `process(input, context)` of a class, `process(input)` of a native module."""

    class_name: str
    kind: Literal["class", "native"]
    process: Callable[..., Any] = attrs.field(repr=False)
    is_async: bool
    package: Path
    importer: ModuleImporter = attrs.field(repr=False)
    lifecycle: Lifecycle = attrs.field(default=NO_LIFECYCLE, repr=False)

    def import_class(self, name: str) -> type:
        """A class `module.Class` of the package or its environment (SerDe, schema, key reader), not instantiated.

        `serde.X` is `pulsar.functions.serde.X`, as upstream has it. UserCodeError when there is none.
        """
        return import_class(name, self.package, self.importer)


def load_function(package: Path, class_name: str, importer: ModuleImporter) -> LoadedFunction:
    """Import and instantiate a function; UserCodeError names the module, the class and what was found."""
    module_name, _, _ = class_name.rpartition(".")
    if not class_name or class_name.strip(".") != class_name:
        raise UserCodeError(f"Function class name {class_name!r} is neither module.Class nor the name of a module")
    if module_name:
        owner = _instantiate(import_class(class_name, package, importer), class_name, package, importer)
    else:
        owner = _import_module(class_name, package, importer)
    process = getattr(owner, "process", None)
    if not callable(process):
        what = "Class" if module_name else "Module"
        raise UserCodeError(f"{what} {class_name!r} in {package} has no function named 'process' to call")
    is_async = inspect.iscoroutinefunction(process)
    lifecycle = find_lifecycle(owner) if module_name else NO_LIFECYCLE
    kind: Literal["class", "native"] = "class" if module_name else "native"
    return LoadedFunction(class_name, kind, process, is_async, package, importer, lifecycle)


def import_class(name: str, package: Path, importer: ModuleImporter) -> type:
    """Import `module.Class`; UserCodeError when the module or the class is not there or is of another kind."""
    module_name, _, class_name = name.rpartition(".")
    if not module_name:
        raise UserCodeError(f"Class name {name!r} has no module: expected module.Class")
    module = _import_module(SERDE_MODULE if module_name == SERDE else module_name, package, importer)
    found = getattr(module, class_name, None)
    if isinstance(found, type):
        return found
    classes = ", ".join(sorted(key for key, value in vars(module).items() if isinstance(value, type))) or "none"
    problem = "is no class" if hasattr(module, class_name) else "does not exist"
    raise UserCodeError(
        f"Class {class_name!r} {problem} in module {module_name!r} ({_file_of(module)}); its classes: {classes}"
    )


def _import_module(name: str, package: Path, importer: ModuleImporter) -> ModuleType:
    try:
        return importer.import_module(name)
    except ModuleNotFoundError as error:
        if f"{name}.".startswith(f"{importer.plain_name(error.name or '')}."):
            raise UserCodeError(
                f"Module {name!r} is not in {package}; it has: {_modules_in(importer.folders)}"
            ) from error
        raise UserCodeError(f"Module {name!r} of {package} cannot be imported: {_reason(error, importer)}") from error
    except RAISED_BY_USERS as error:
        raise UserCodeError(f"Module {name!r} of {package} cannot be imported: {_reason(error, importer)}") from error


def _instantiate(user_class: type, class_name: str, package: Path, importer: ModuleImporter) -> Any:
    try:
        return user_class()
    except RAISED_BY_USERS as error:
        raise UserCodeError(
            f"Class {class_name!r} of {package} cannot be made without arguments: {_reason(error, importer)}"
        ) from error


def _reason(error: BaseException, importer: ModuleImporter) -> str:
    """An exception in one line, with the innermost place in the package that it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames if _is_in(frame, importer.folders)]
    return f"{type(error).__name__}: {error}" + (f" (at {places[-1]})" if places else "")


def _is_in(frame: traceback.FrameSummary, folders: tuple[Path, ...]) -> bool:
    return any(Path(frame.filename).is_relative_to(folder) for folder in folders)


def _file_of(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or "built in"


def _modules_in(folders: tuple[Path, ...]) -> str:
    names = {
        entry.stem
        for folder in folders
        for entry in folder.iterdir()
        if entry.suffix == ".py" or (entry.is_dir() and entry.name.isidentifier())
    }
    return ", ".join(sorted(names)) or "no modules"
