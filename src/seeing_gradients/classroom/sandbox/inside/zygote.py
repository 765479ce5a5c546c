"""A process that has PyTorch loaded and does nothing but fork, so that no answer waits for an import.

Run inside the sandbox as `python -I -S zygote.py CONTROL PATH...`: CONTROL is the number of a socket, PATH... become
sys.path. It is told "begin" with the socket on which a cell is asked and its limits, and "end"; it runs no code of an answer
itself.
"""

import gc
import json
import os
import signal
import socket
import sys


def main(control, paths):
    sys.path[:] = [path for path in sys.path if path != os.path.dirname(__file__)] + paths
    from inside import answer, cell, holes, host  # with torch, what needs a second

    answer.warm_up()
    gc.collect()
    gc.freeze()  # a collection in a cell would write to, and so copy, every page
    holes.fill()
    control.send(b"ready")
    made = None
    while True:
        data, descriptors, *_ = socket.recv_fds(control, 65536, 1)
        if not data:
            return
        order = json.loads(data)
        if order["do"] == "begin":
            made, said = _begin(order["files"], descriptors[0], control, cell, host)
            control.send(said)
        else:
            _end(*made)
            control.send(b"ended")


def _begin(files, descriptor, control, cell, host):
    """Fork a cell; return ((keeper, first process), b"begun") or what went wrong instead."""
    read, write = os.pipe()
    keeper = cell.fork()
    if not keeper:
        control.close()
        os.close(read)
        os.dup2(write, 2)
        cell.locked_in(lambda held: host.host(descriptor, files, held), files, write)
    os.close(write)
    os.close(descriptor)
    told = b""
    while part := os.read(read, 65536):
        told += part
    os.close(read)
    first = int(told) if told.isdigit() else None
    return (keeper, first), b"begun" if first else b"failed: " + told[-2000:]


def _end(keeper, first):
    """Kill what is left of a cell: with the first process of a process namespace all others in it end."""
    if first:
        try:
            os.kill(first, signal.SIGKILL)
        except ProcessLookupError:
            first = None  # it has ended by itself
    else:
        os.kill(keeper, signal.SIGKILL)
    os.waitpid(keeper, 0)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
