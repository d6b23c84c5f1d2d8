"""Windows: functions that take several messages at once (upstream: org.apache.pulsar.functions.windowing)."""
