"""``filechannel://``: Celery's messages as files (config/filequeue.py), for one machine without a server.

It takes the place of kombu's ``filesystem://``, whose readers may see a message before it is written, lose it
and end. Here a message is whole or not there, one that can't be read is set aside, and one is done only when
it is acknowledged: what a killed worker held comes back. There is no fanout, so nobody commands workers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES, virtual
from kombu.utils.json import dumps, loads

from config.filequeue import Claimed, FileQueues
from core.outages import FULL, outage_of

SCHEME = "filechannel"
# What a message is to blame for when it is delivered, whoever finds out.
_BLAMES_THE_MESSAGE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

logger = logging.getLogger(__name__)


def register() -> None:
    """Let kombu know the scheme."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


class QoS(virtual.QoS):
    """What was delivered and not yet acknowledged: files that this reader still holds."""

    channel: Channel

    def ack(self, delivery_tag: str) -> None:
        """It is done."""
        self.channel.done(delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Somebody else shall have it, or nobody."""
        if requeue:
            self.channel.again(delivery_tag)
        else:
            self.channel.done(delivery_tag)
        super().ack(delivery_tag)


class Channel(virtual.Channel):
    """Messages under the names of their files, which are their delivery tags."""

    QoS = QoS

    def __init__(self, connection: Any, **kwargs: Any) -> None:
        """Raises ConnectionError where the folder can't be made."""
        super().__init__(connection, **kwargs)
        self.complaint = ""
        self.acknowledged_when_taken: set[str] = set()
        folder = connection.client.transport_options["folder"]
        try:
            self.files = FileQueues(Path(folder))
        except OSError as error:
            raise ConnectionError(f"The queue's folder can't be made: {error}") from error

    # ---- what kombu asks for

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        """Raises OSError where the disk is full, OperationalError where something else keeps it from being written."""
        body = dumps(message).encode()
        try:
            self.files.put(queue, body, expires=_expires(message))
        except OSError as error:
            if outage_of(error) is FULL:
                raise
            raise OperationalError(f"The queue's folder can't be written: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        while claimed := self._claim(queue):
            payload = self._opened(claimed)
            if payload is not None:
                if queue in self.acknowledged_when_taken:
                    self.done(claimed.name)
                return payload
        raise Empty

    def _claim(self, queue: str) -> Claimed | None:
        """None as well where the folder can't be read just now, of which it is said once: a worker tries again."""
        try:
            claimed = self.files.claim(queue)
        except OSError as error:
            if str(error) != self.complaint:
                self.complaint = str(error)
                logger.error("No message can be taken from the queue, which is tried again: %s", error)
            return None
        self.complaint = ""
        return claimed

    def _opened(self, claimed: Claimed) -> dict[str, Any] | None:
        """The message; None where it is none, and is set aside."""
        try:
            payload: dict[str, Any] = loads(claimed.body)
            payload["properties"]["delivery_tag"] = claimed.name
            self.Message(payload, channel=self)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it
            self.aside(claimed.name, error)
            return None
        return payload

    def _get_and_deliver(self, queue: str, callback: Callable[[Any, str], None]) -> None:
        payload = self._get(queue)
        try:
            callback(payload, queue)
        except _BLAMES_THE_MESSAGE as error:  # such as a task's message without an id
            tag = payload["properties"]["delivery_tag"]
            self.aside(tag, error)
            self.qos.ack(tag)

    def _size(self, queue: str) -> int:
        return self.files.size(queue)

    def _purge(self, queue: str) -> int:
        return self.files.purge(queue)

    def _restore(self, message: Any) -> None:
        self.again(message.delivery_tag)

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> str:
        """From now on deliver what comes to the queue."""
        if no_ack:
            self.acknowledged_when_taken.add(queue)
        return super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        """The oldest message; None where there is none."""
        message = super().basic_get(queue, no_ack, **kwargs)
        if message is not None and no_ack:
            self.done(str(message.delivery_tag))
        return message

    def close(self) -> None:
        """What was not acknowledged waits again."""
        super().close()
        with suppress(OSError):
            self.files.close()

    # ---- what becomes of a message; none of it may end a worker

    def done(self, tag: str) -> None:
        """It will not come again."""
        self._settled(self.files.forget, tag)

    def again(self, tag: str) -> None:
        """It waits again, in its old place."""
        self._settled(self.files.put_back, tag)

    def aside(self, tag: str, error: BaseException) -> None:
        """It is for a person to look at."""
        why = f"{type(error).__name__}: {error}"[:200]
        self._settled(lambda name: self.files.set_aside(name, why), tag)

    def _settled(self, how: Callable[[str], None], tag: str) -> None:
        try:
            how(tag)
        except OSError as error:
            logger.error("The queue's folder can't be written, so a message may come a second time: %s", error)


class Transport(virtual.Transport):
    """The folder named by the transport option ``folder``."""

    Channel = Channel
    # Who is bound to what: the same for each connection of a process.
    global_state = virtual.BrokerState()
    default_port = 0
    driver_type = driver_name = SCHEME

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = self.global_state

    def driver_version(self) -> str:
        """Ours."""
        return "1"


def _expires(message: dict[str, Any]) -> float:
    """From when on Celery would throw it away unread, in seconds since 1970; 0: never."""
    with suppress(ValueError, TypeError, AttributeError):
        return datetime.fromisoformat(message["headers"].get("expires")).timestamp()
    return 0
