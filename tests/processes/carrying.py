"""Writers and readers of the file channel as processes of their own.

``python -m tests.processes.carrying write FOLDER NAME COUNT`` or ``… read FOLDER LOG``. A reader notes each
message in a line before it acknowledges it, and ends when the folder has a file named ``done``.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kombu import Connection, Consumer, Queue

from config import filechannel

QUEUE = Queue("carried", no_declare=True)


def connected(folder: Path) -> Connection:
    """To the channel in that folder."""
    filechannel.register()
    return Connection("filechannel://", transport_options={"folder": str(folder / "queue"), "polling_interval": 0.05})


def write(folder: Path, name: str, count: int) -> None:
    """So many messages, numbered, one after the other."""
    with connected(folder) as connection, connection.channel() as channel:
        producer = connection.Producer(channel)
        for number in range(count):
            producer.publish({"message": f"{name}-{number}"}, routing_key=QUEUE.name)


def read(folder: Path, log: Path) -> None:
    """Up to four at a time: each is noted, then acknowledged, most of them out of turn."""
    number = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    held: list[Any] = []

    def finish(message: Any) -> None:
        os.write(number, f"acknowledging {message.payload['message']}\n".encode())
        message.ack()
        os.write(number, f"acknowledged {message.payload['message']}\n".encode())

    def take(body: Any, message: Any) -> None:
        os.write(number, f"took {message.payload['message']}\n".encode())
        held.append(message)
        if len(held) == 4:
            finish(held.pop(random.randrange(4)))

    with connected(folder) as connection, connection.channel() as channel:
        channel.basic_qos(0, 4, False)  # type: ignore[attr-defined]
        with Consumer(channel, [QUEUE], callbacks=[take], auto_declare=False):
            drain(connection, held, finish, folder / "done")


def drain(connection: Connection, held: list[Any], finish: Callable[[Any], None], done: Path) -> None:
    """Until all writers and readers agree that nothing is left."""
    while not done.exists():
        try:
            connection.drain_events(timeout=0.1)
        except TimeoutError:
            while held:
                finish(held.pop())
            time.sleep(0.01)


if __name__ == "__main__":
    what, where, *others = sys.argv[1:]
    if what == "write":
        write(Path(where), others[0], int(others[1]))
    else:
        read(Path(where), Path(others[0]))
