"""Acknowledging messages to Redis. Kombu keeps a message's slot where Redis did not hear the acknowledgement,
for good, unless the worker's other connections break as well: after a pause of Redis they do not.
"""

from __future__ import annotations

from kombu.transport import redis, virtual


class Unacknowledged(redis.QoS):
    """What a worker has taken and not acknowledged. Its slot is free at once, whatever Redis hears: there the
    message waits for an hour, comes again, and finds its work done.
    """

    def ack(self, delivery_tag: str) -> None:
        """Done, or failed for good."""
        try:
            super().ack(delivery_tag)
        finally:
            virtual.QoS.ack(self, delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Not done; to be given to the next who asks, or to nobody."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        finally:
            virtual.QoS.ack(self, delivery_tag)


def free_slots_at_once() -> None:
    """Put it in place of kombu's own."""
    redis.Channel.QoS = Unacknowledged
