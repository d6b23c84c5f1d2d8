"""The commands of `pulsemill functions` that sources and sinks have too."""

from pulsemill.cli.components import builtins, deploy, lifecycle, show
from pulsemill.cli.functions.kind import FUNCTION

create = deploy.create_command(FUNCTION)
update = deploy.update_command(FUNCTION)
delete = lifecycle.delete_command(FUNCTION)
get = show.get_command(FUNCTION)
list_functions = show.list_command(FUNCTION)
status = show.status_command(FUNCTION)
start = lifecycle.start_command(FUNCTION)
stop = lifecycle.stop_command(FUNCTION)
restart = lifecycle.restart_command(FUNCTION)
available_functions = builtins.available_command(FUNCTION)
reload = builtins.reload_command(FUNCTION)
