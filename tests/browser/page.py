"""Headless Chromium on a notebook in JupyterLab: open it, run it, read what it shows and what went wrong."""

import contextlib
import itertools
from dataclasses import dataclass, field

from playwright.sync_api import sync_playwright

from tests.needs import find_browser

# Two pages of suggestions that Chromium loads for the address bar of each window, which nobody sees here. Chromium obeys
# the last list of features alone, so that the rest of it is what Playwright disables.
UNUSED_FEATURES = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    f"--disable-features={','.join(UNUSED_FEATURES)}",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # nothing but this machine
)
WIDTH, HEIGHT = 1280, 1000
VIEW = "application/vnd.jupyter.widget-view+json"
PANEL = "jupyterapp.shell.currentWidget"
PATIENCE = 60_000  # ms: a shared machine may stand still for some seconds
# A browser leaves out what is out of sight: JupyterLab scrolls after Run All, and a text read then would be empty.
LAY_OUT = """addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent = ".jp-Cell { content-visibility: visible !important; }";
    document.head.append(style);
});"""
_workspaces = itertools.count()


@dataclass
class Notebook:
    """A notebook open in a page, and what the browser complained about since."""

    page: object
    path: str
    complaints: list = field(default_factory=list)


@contextlib.contextmanager
def chromium(*flags):
    """Run a headless Chromium that reaches nothing but this machine, until the block ends; `flags` beside the usual ones."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_notebook(browser, server, path, **more):
    """Open the notebook `path` of `server` in a fresh profile, its kernel started; end both with the block.

    Args:
        browser: a running Chromium.
        server: Server.
        path: str, relative to the directory that the server serves.
        more: of the profile, has_touch=True for example.

    Yields:
        Notebook.
    """
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, **more)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(LAY_OUT)
    try:
        page = context.new_page()
        notebook = Notebook(page, path)
        _listen(page, notebook.complaints)
        page.goto(f"{server.url}lab/workspaces/test-{next(_workspaces)}/tree/{path}?token={server.token}")
        wait_until_ready(notebook)
        yield notebook
        page.evaluate(f"{PANEL}.sessionContext.shutdown()")
    finally:
        context.close()


def _listen(page, complaints):
    page.on("console", lambda message: message.type == "error" and complaints.append(_complaint(message)))
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url} {request.failure}"))


def _complaint(message):
    """The text of a console message, and the address that it is about."""
    return f"console: {message.text} {(message.location or {}).get('url', '')}".rstrip()


def wait_until_ready(notebook):
    """Wait until the notebook is shown and its kernel is idle."""
    notebook.page.wait_for_function(
        f"() => window.jupyterapp && {PANEL}?.sessionContext?.session?.kernel?.status === 'idle'"
    )


def _choose(page, menu, command):
    """Click an entry of the menu bar."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    page.locator(f".lm-Menu-item[data-command='{command}']").click()


def run_all(notebook, seconds=120):
    """Choose Run All Cells from the menu and wait until every cell has run and every widget is in the page."""
    page = notebook.page
    _choose(page, "Run", "runmenu:run-all")
    page.wait_for_function(
        f"""() => {{
            const code = {PANEL}.content.widgets.filter(cell => cell.model.type === 'code');
            return code.every(cell => !cell.model.sharedModel.source.trim() || cell.model.executionCount)
                && code.every(cell => cell.model.executionState !== 'running')
                && {PANEL}.sessionContext.session.kernel.status === 'idle';
        }}""",
        timeout=seconds * 1000,
    )
    page.wait_for_function(
        f"""() => {{
            const outputs = {PANEL}.content.widgets.flatMap(cell => cell.model.outputs?.toJSON() ?? []);
            const views = outputs.filter(output => output.data?.['{VIEW}']);
            const shown = [...document.querySelectorAll('.lm-Panel.jp-OutputArea-output')];
            return shown.filter(panel => panel.querySelector(':scope > * > *')).length >= views.length;
        }}""",
        timeout=seconds * 1000,
    )


def execute(notebook, code):
    """Have the kernel run some code that is in no cell, and wait until it has."""
    request = f"{PANEL}.sessionContext.session.kernel.requestExecute({{ code }})"
    notebook.page.evaluate(f"code => {request}.done.then(() => true)", code)


def hold(notebook, widget, seconds):
    """Keep a widget from running f for some seconds; come back as soon as it is held. `window.executed` is its end.

    Args:
        notebook: Notebook.
        widget: str, the variable of the kernel that holds the widget.
        seconds: int.
    """
    code = f"import time\nwith {widget}._session.lock:\n    print('held', flush=True)\n    time.sleep({seconds})"
    request = f"{PANEL}.sessionContext.session.kernel.requestExecute({{ code }})"
    notebook.page.evaluate(
        f"""code => new Promise((held, failed) => {{
            const future = {request};
            future.onIOPub = ({{ header, content }}) => {{
                if (header.msg_type === "stream") held(true);
                if (header.msg_type === "error") failed(new Error(content.evalue));
            }};
            window.executed = future.done;
        }})""",
        code,
    )


def kernel_status(notebook):
    """What the kernel is doing: "idle", "busy", "dead"..."""
    return notebook.page.evaluate(f"{PANEL}.sessionContext.session.kernel.status")


def content(notebook):
    """The open notebook as it would be saved, without what the server does to it: dict in nbformat."""
    return notebook.page.evaluate(f"{PANEL}.content.model.toJSON()")


def errors(notebook):
    """The error outputs of the open notebook: list of str."""
    outputs = [output for cell in content(notebook)["cells"] for output in cell.get("outputs", [])]
    return [f"{o['ename']}: {o['evalue']}" for o in outputs if o["output_type"] == "error"]


def save(notebook):
    """Choose Save Notebook from the menu and wait until the notebook is written."""
    page = notebook.page
    page.evaluate(f"""() => {{
        window.saved = new Promise(done => {PANEL}.context.saveState.connect((_, state) => state === 'completed' && done()));
    }}""")
    _choose(page, "File", "docmanager:save")
    page.evaluate("window.saved.then(() => true)")


def change_theme(notebook, theme):
    """Switch JupyterLab to "JupyterLab Light" or "JupyterLab Dark"."""
    notebook.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    name = f"[data-jp-theme-name='{theme}']"
    notebook.page.wait_for_selector(f"body{name}", state="attached")


def narrow(notebook, width):
    """Make the page `width` pixels wide, sidebar closed, or with None as wide as it was, sidebar open."""
    closed = notebook.page.locator("#jp-left-stack.lm-mod-hidden").count() == 1
    if closed != (width is not None):
        notebook.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area').then(() => true)")
    notebook.page.set_viewport_size({"width": width or WIDTH, "height": HEIGHT})


def lay_out_everything(notebook):
    """Give the body a size, without which axe sees no text."""
    notebook.page.add_style_tag(content="body { width: 100vw; height: 100vh; }")


def dialogs(notebook):
    """The texts of the dialogs and notifications that JupyterLab shows."""
    return notebook.page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts()
