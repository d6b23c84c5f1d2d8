"""What the workers of a cluster agree on: metadata, assignments, scheduling, leadership, membership.

The event loop owns all of it. Topics are read and written through `topic_log`; tables are changed only by records of
their topic, in the topic's order.
"""
