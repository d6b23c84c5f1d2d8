"""What the commands of sources and sinks have in common beyond those of all kinds."""

from pulsemill.cli.lazy import LazyCommand


def connector_commands(package: str, name: str) -> dict[str, LazyCommand]:
    """The commands of a kind of connector, whose modules are in a package."""
    here, names = f"{package}.commands", f"{name}s"
    return {
        "create": LazyCommand(f"{here}:create", f"Register a {name} and start it."),
        "update": LazyCommand(f"{here}:update", f"Change a registered {name}'s configuration or archive."),
        "delete": LazyCommand(f"{here}:delete", f"Stop a {name} and remove it."),
        "get": LazyCommand(f"{here}:get", f"Show a {name}'s configuration."),
        "list": LazyCommand(f"{here}:list_{names}", f"List the {names} of a namespace."),
        "status": LazyCommand(f"{here}:status", "Show whether the instances run, and their errors.", ("getstatus",)),
        "start": LazyCommand(f"{here}:start", f"Start a stopped {name} or instance."),
        "stop": LazyCommand(f"{here}:stop", f"Stop a {name} or an instance."),
        "restart": LazyCommand(f"{here}:restart", f"Restart a {name} or an instance."),
        "localrun": LazyCommand(f"{package}.localrun:localrun", f"Run a {name} here, without a worker."),
        f"available-{names}": LazyCommand(f"{here}:available_{names}", f"List the worker's built-in {names}."),
        "reload": LazyCommand(f"{here}:reload", "Make the worker read its built-in connectors again."),
    }
