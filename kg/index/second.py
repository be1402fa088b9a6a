"""The second process that helps to build the index: reads tables about persons and answers with what it has gathered.

Started by `kg.index.talents.sharing`, asked and answering over its pipes: what to open comes in the first message, then
the name of one table after the other. It ends when nobody holds the other end any more.
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

from kg.index.talents.sharing import receive, send
from kg.index.talents.view import context_of, gather, read_needs
from kg.index.vocabularies import read_vocabularies
from kg.index.world import deliveries, reader
from kg.model.batches import in_force


def main() -> None:
    """Answer until the asking process ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the asking process, which ends this one
    gc.disable()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    reopen, policy, schema = pickle.loads(receive(asked))  # noqa: S301 - from the process that has started this one
    tables: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(asked, tables), daemon=True).start()
    store = reopen()
    revision, batches = store.revision(), in_force(store.batches())
    read = reader(store, batches, policy, schema)
    words = read_vocabularies(read, policy.common)
    context = context_of(words, read_needs(read, words), deliveries(batches), policy)
    persons = read.persons()
    index = {person: place for place, person in enumerate(persons)}
    send(answers, marshal.dumps((revision, persons)))
    while True:
        gathered = gather(read, tables.get(), context, index)
        send(answers, marshal.dumps((gathered.plain(), context.texts())))


def _listen(asked: IO[bytes], tables: "SimpleQueue[str]") -> None:
    """Take what is asked, also while a table is read: only so is the end of the asking process noticed at once."""
    try:
        while True:
            tables.put(receive(asked).decode())
    except (EOFError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()
