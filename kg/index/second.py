"""The second process that helps to build the index: reads tables about persons and answers with what it has gathered.

Started by `kg.index.talents.sharing`, asked and answering over its pipes: what to open comes in the first message, how to
read in the second, then the name of one table after the other. What it imports (no numpy, nothing of the service) is
ready before the second message comes. It ends when nobody holds the other end any more.
"""

import gc
import marshal
import os
import pickle
import signal
import sys
from queue import SimpleQueue
from threading import Thread
from typing import IO

from kg.index.registers import StoreRegisters
from kg.index.talents.gathering import gather


def send(pipe: IO[bytes], message: bytes) -> None:
    """Write one message."""
    pipe.write(len(message).to_bytes(8, "big"))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read one message; EOFError when there is no whole one."""
    size = int.from_bytes(pipe.read(8), "big")
    message = pipe.read(size)
    if not message or len(message) < size:
        raise EOFError
    return message


def main() -> None:
    """Answer until the asking process ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking process, which ends this one
    gc.disable()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    told: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(asked, told), daemon=True).start()
    store = pickle.loads(told.get())()  # noqa: S301 - from the process that has started this one
    ranks, schema, context = pickle.loads(told.get())  # noqa: S301 - likewise
    send(answers, marshal.dumps(store.revision()))
    read = StoreRegisters(store, ranks, schema)
    while True:
        plain = gather(read, told.get().decode(), context)
        send(answers, marshal.dumps((plain, context.texts())))


def _listen(asked: IO[bytes], told: "SimpleQueue[bytes]") -> None:
    """Take what is asked, also while a table is read: only so is the end of the asking process noticed at once."""
    try:
        while True:
            told.put(receive(asked))
    except (EOFError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()
