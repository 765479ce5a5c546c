"""A mouse that does not wait: Playwright's comes back only when the page has handled a move, two frames later, so that no
more than some 30 moves a second reach the page, however fast its widgets are.

The moves go straight to Chromium's DevTools socket (Input.dispatchMouseEvent); what the browser does with moves that
come too fast for a page, it does as with a hand's.
"""

import contextlib
import json
import socket
import time

import websocket

from ..browser import page

FRAME = 1 / 60  # s between two moves, as a browser passes them on where it shows 60 frames a second
POLL = 1 / 125  # s between two moves of a plain USB mouse


def _free_port():
    """A port of this machine that nobody uses."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def debugged(*flags):
    """Run a Chromium, `flags` beside the usual ones; give it and its DevTools port."""
    port = _free_port()
    with page.chromium(f"--remote-debugging-port={port}", *flags, has_windows=True) as browser:
        yield browser, port


@contextlib.contextmanager
def mouse(shown, port):
    """Give a function that moves the mouse of a page to (x, y), px, `held` for its left button, and does not wait.

    Args:
        shown: page of a Chromium with this DevTools port.
        port: int.
    """
    session = shown.context.new_cdp_session(shown)
    target = session.send("Target.getTargetInfo")["targetInfo"]["targetId"]
    wire = websocket.create_connection(f"ws://127.0.0.1:{port}/devtools/page/{target}", suppress_origin=True)
    sent = 0

    def move(x, y, held=False):
        nonlocal sent
        sent += 1
        button = {"button": "left", "buttons": 1} if held else {}
        params = {"type": "mouseMoved", "x": x, "y": y, **button}
        wire.send(json.dumps({"id": sent, "method": "Input.dispatchMouseEvent", "params": params}))

    try:
        yield move
        answered = 0
        while answered < sent:
            answered += "id" in json.loads(wire.recv())
    finally:
        wire.close()
        session.detach()


def at_every_frame(act, times, apart=FRAME):
    """Call act(i) so many times, `apart` seconds apart; return the seconds that it took."""
    began = time.perf_counter()
    for i in range(times):
        act(i)
        time.sleep(max(0.0, began + (i + 1) * apart - time.perf_counter()))
    return time.perf_counter() - began
