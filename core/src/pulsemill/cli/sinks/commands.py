"""The commands of `pulsemill sinks`."""

from pulsemill.cli.components import builtins, deploy, lifecycle, show
from pulsemill.cli.sinks.kind import SINK

create = deploy.create_command(SINK)
update = deploy.update_command(SINK)
delete = lifecycle.delete_command(SINK)
get = show.get_command(SINK)
list_sinks = show.list_command(SINK)
status = show.status_command(SINK)
start = lifecycle.start_command(SINK)
stop = lifecycle.stop_command(SINK)
restart = lifecycle.restart_command(SINK)
available_sinks = builtins.available_command(SINK)
reload = builtins.reload_command(SINK)
