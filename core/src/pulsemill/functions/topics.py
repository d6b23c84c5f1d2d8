"""What a topic name has to look like (upstream's org.apache.pulsar.common.naming.TopicName)."""

import re

_DOMAINS = ("persistent", "non-persistent")
_NAMED_ENTITY = re.compile(r"[-=:.\w]+", re.ASCII)
_SHORT, _V2, _V1 = 1, 3, 4


def is_valid_topic(topic: str) -> bool:
    """Whether a topic is `x`, `tenant/namespace/x` or `<domain>://tenant/namespace/x`, or has a cluster as of old."""
    domain, separator, rest = topic.partition("://")
    if not separator:
        return _is_valid_short(topic)
    *names, local = rest.split("/", _V1 - 1)
    return (
        domain in _DOMAINS
        and len(names) >= _V2 - 1
        and all(map(_NAMED_ENTITY.fullmatch, names))
        and bool(local.strip())
    )


def _is_valid_short(topic: str) -> bool:
    parts = [part for part in topic.split("/") if part]
    if len(parts) == _V2:
        return is_valid_topic(f"persistent://{topic}")
    return len(parts) == _SHORT and bool(parts[0].strip())
