"""The commands of `pulsemill sources`."""

from pulsemill.cli.components import builtins, deploy, lifecycle, show
from pulsemill.cli.sources.kind import SOURCE

create = deploy.create_command(SOURCE)
update = deploy.update_command(SOURCE)
delete = lifecycle.delete_command(SOURCE)
get = show.get_command(SOURCE)
list_sources = show.list_command(SOURCE)
status = show.status_command(SOURCE)
start = lifecycle.start_command(SOURCE)
stop = lifecycle.stop_command(SOURCE)
restart = lifecycle.restart_command(SOURCE)
available_sources = builtins.available_command(SOURCE)
reload = builtins.reload_command(SOURCE)
