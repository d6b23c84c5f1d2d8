"""Sends each line to a topic by its first word: any number of outputs, on topics that the configuration names.

Register without an output topic and with userConfig {"routes": {"error": "alarms"}}. A line that has no
route is dropped, and logged to the function's log (and its log topic, if it has one).
"""

from pulsar import Context, Function


class Router(Function):
    """A class that publishes by itself; returning nothing sends nothing."""

    def process(self, input: object, context: Context) -> None:  # noqa: A002 - pulsar.Function names it so
        """`error disk full` goes to the topic `alarms`."""
        line = str(input)
        topic = (context.get_user_config_value("routes") or {}).get(line.partition(" ")[0].lower())
        if topic is None:
            context.get_logger().info("no route for %r", line)
            return
        context.publish(topic, line, properties={"routed-by": context.get_function_name()})
