"""The command line of a Go instance."""

from pulsemill.instance_commands.go import go_instance_config
from pulsemill.java_json import plain_json
from pulsemill_runtime_process.launch import Launch


def go_command(launch: Launch) -> list[str]:
    """The whole command line. Its credentials stay readable in the process list: the binary takes them no other way.

    Upstream always sends 0 for expectedHealthCheckInterval, so its Go instances outlive a lost worker for ever.
    """
    config = go_instance_config(launch.arguments, launch.instance.health_check_interval_seconds)
    return [str(launch.code), "-instance-conf", plain_json(config, ascii_only=True)]
