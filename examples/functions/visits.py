"""Counts visits per page in the function's state, where its other instances and `querystate` see them."""

from pulsar import Context, Function


class Visits(Function):
    """Takes page names; publishes how often each was visited so far."""

    def process(self, page: str, context: Context) -> str:
        """Count one visit."""
        context.incr_counter(page, 1)
        context.put_state("last", page)
        return f"{page}: {context.get_counter(page)}"
