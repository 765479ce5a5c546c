"""A lesson's page of the site: how soon after its load the first move of a slider is answered, in headless Chromium."""

import functools
import http.server
import subprocess
import sys
import threading

from docs.builder.__main__ import SITE
from docs.builder.address import ROOT

from ..browser import page
from .figure import Figure

LESSON = "en/lessons/02_computation_graph.html"
LIMIT = 1000.0  # ms
ANSWER = """new Promise(resolve => {
    const began = performance.now();
    const recorded = document.querySelector(".sg-recorded[data-kind=explore]");
    recorded.scrollIntoView();
    const look = () => {
        const output = recorded.querySelector(".sg-output")?.textContent;
        const slider = recorded.querySelector(".sg-range");
        if (!output || !slider) return requestAnimationFrame(look);
        slider.value = slider.min;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
        const wait = () => {
            if (recorded.querySelector(".sg-output").textContent === output) return requestAnimationFrame(wait);
            const channel = new MessageChannel(); // its message is handled once the frame is drawn
            channel.port1.onmessage = () => resolve(performance.now() - began);
            channel.port2.postMessage(0);
        };
        wait();
    };
    look();
})"""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


def measure(rounds=3):
    """Return the Figure, in a list; it builds the site first unless it is there.

    Args:
        rounds: int, how often the page is loaded.
    """
    subprocess.run([sys.executable, "-m", "docs.builder", "02"], cwd=ROOT, check=True)
    samples = []
    handler = functools.partial(_Quiet, directory=SITE)
    with (
        http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        page.chromium(has_windows=True) as browser,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for _ in range(rounds):
            with browser.new_context() as context:
                tab = context.new_page()
                tab.goto(f"http://127.0.0.1:{server.server_port}/{LESSON}")
                samples.append(tab.evaluate(ANSWER))
        server.shutdown()
    name = "first move of a slider on a lesson's page of the site answered, from its load"
    return [Figure(name, "ms", "the site", "one second", samples, [LIMIT], 1.0, at_most=True)]
