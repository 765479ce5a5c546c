"""Headless Chromium on a notebook in JupyterLab: open it, run it, read what it shows and what went wrong.

JupyterLab is loaded once for a browser and a server. To load it takes six seconds of processor time, to open one more
notebook in the page that has loaded it half a second; so all tests share that page, one notebook after the other:

    with page.open_notebook(browser, server, name) as notebook:
        page.run_all(notebook)

Each notebook finds the page as it was at first: light, as wide as ever, nothing else open; no test has to put that back.
JupyterLab is loaded anew with `fresh=True`, for a profile of its own (`has_touch=True`), and for a notebook that is opened
while another one is; so let a fixture close its notebook before the next opens. A test that looks at several widths, themes
or lessons needs no page for each: `narrow` and `change_theme` change this one. To keep a page open for several tests,
yield it from a fixture of the module.
"""

import contextlib
import functools
import itertools
import weakref
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
    "--js-flags=--no-maglev",  # a compiler between two others; a page of a few seconds does not earn back what it takes
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # nothing but this machine
)
WIDTH, HEIGHT = 1280, 1000
VIEW = "application/vnd.jupyter.widget-view+json"
PANEL = "jupyterapp.shell.currentWidget"
POLLING = 50  # ms; by default Playwright looks at every frame, and so has every frame painted
PATIENCE = 180_000  # ms: a shared machine may stand still
# A browser leaves out what is out of sight: JupyterLab scrolls after Run All, and a text read then would be empty.
LAY_OUT = """addEventListener("DOMContentLoaded", () => {
    const style = document.createElement("style");
    style.textContent = ".jp-Cell { content-visibility: visible !important; }";
    document.head.append(style);
});"""
# With every widget anywidget writes its style sheet again, the same one, and all widgets of the page are styled anew.
WRITE_STYLES_ONCE = """{
    const { get, set } = Object.getOwnPropertyDescriptor(Node.prototype, "textContent");
    const write = function (text) { if (get.call(this) !== text) set.call(this, text); };
    Object.defineProperty(HTMLStyleElement.prototype, "textContent", { get, set: write, configurable: true });
}"""
# anywidget gives up on a widget that is not ready after two seconds; a busy machine may need more.
WAIT_LONGER = """{
    const { timeout } = AbortSignal;
    AbortSignal.timeout = milliseconds => timeout.call(AbortSignal, 60 * milliseconds);
}"""
RESIZE_DELAY = 200  # ms; that of widgets/explore/page/graph.js
# Wait for some milliseconds, then until what has changed in them is painted.
PAINT = """delay => new Promise(done =>
    setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))), delay))"""
LIGHT = "JupyterLab Light"
OPEN = """async path => {
    const opened = await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
    for (const other of [...jupyterapp.shell.widgets("main")]) if (other !== opened) other.dispose();  // a launcher
}"""
CLOSE = f"""() => {{
    {PANEL}.dispose();
    for (const side of ["width", "height"]) document.body.style.removeProperty(side);
}}"""
_spare_pages = weakref.WeakKeyDictionary()  # of a browser: dict from a server's address to a page without a notebook
_workspaces = itertools.count()


@dataclass
class Notebook:
    """A notebook open in a page, and what the browser complained about since."""

    page: object
    path: str
    complaints: list = field(default_factory=list)


@contextlib.contextmanager
def chromium(*flags, has_windows=False):
    """Run a headless Chromium that reaches nothing but this machine, until the block ends.

    Args:
        flags: str, beside the usual ones.
        has_windows: bool, whether it must be a browser such as people use, for the bench, and not a headless shell.
    """
    with sync_playwright() as playwright:
        path = find_browser(has_windows)
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def open_notebook(browser, server, path, fresh=False, **profile):
    """Open the notebook `path` of `server`, its kernel started; close it and end its kernel with the block.

    The page is that of the notebook before, where there is one (see above).

    Args:
        browser: a running Chromium.
        server: Server.
        path: str, relative to the directory that the server serves.
        fresh: bool, load JupyterLab anew, in a profile of its own.
        profile: what is special about the profile, has_touch=True for example; such a page is this notebook's alone.

    Yields:
        Notebook.
    """
    shares = not (fresh or profile)
    spare = _spare_pages.setdefault(browser, {})
    page = spare.pop(server.url, None) if shares else None
    loaded = page is not None
    if not loaded:
        page = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT}, **profile).new_page()
        page.set_default_timeout(PATIENCE)
        page.wait_for_function = functools.partial(page.wait_for_function, polling=POLLING)
        page.add_init_script(WAIT_LONGER + (LAY_OUT if fresh else LAY_OUT + WRITE_STYLES_ONCE))
    notebook = Notebook(page, path)
    try:
        with _listening(page, notebook.complaints):
            if loaded:
                page.evaluate(OPEN, path)
            else:
                page.goto(f"{server.url}lab/workspaces/test-{next(_workspaces)}/tree/{path}?token={server.token}")
            wait_until_ready(notebook)
            yield notebook
            page.evaluate(f"{PANEL}.sessionContext.shutdown()")
        if shares and server.url not in spare and _tidy(notebook):
            spare[server.url] = page
    finally:
        if spare.get(server.url) is not page:
            page.context.close()


@contextlib.contextmanager
def _listening(page, complaints):
    """Note in `complaints` what the browser complains about until the block ends."""
    handlers = {
        "console": lambda message: message.type == "error" and complaints.append(_complaint(message)),
        "pageerror": lambda error: complaints.append(f"uncaught: {error}"),
        "requestfailed": lambda request: complaints.append(f"failed: {request.url} {request.failure}"),
    }
    for event, handler in handlers.items():
        page.on(event, handler)
    yield
    for event, handler in handlers.items():
        page.remove_listener(event, handler)


def _complaint(message):
    """The text of a console message, and the address that it is about."""
    return f"console: {message.text} {(message.location or {}).get('url', '')}".rstrip()


def _tidy(notebook):
    """Close the notebook and make the page as it was at first; return whether it is, with neither a dialog nor a menu left."""
    page = notebook.page
    page.mouse.up()
    page.mouse.move(0, 0)
    page.evaluate(CLOSE)
    resize(notebook, None)
    change_theme(notebook, LIGHT)
    return not dialogs(notebook) and page.locator(".lm-Menu").count() == 0


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
            const areas = {PANEL}.content.widgets.flatMap(cell => cell.model.outputs ?? []);
            const outputs = areas.flatMap(area => Array.from({{ length: area.length }}, (_, index) => area.get(index)));
            const views = outputs.filter(output => output.data['{VIEW}']);
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
    """Switch JupyterLab to "JupyterLab Light" or "JupyterLab Dark", and wait until no colour changes any more."""
    shown = f"body[data-jp-theme-name='{theme}']"
    if notebook.page.locator(shown).count() == 0:
        notebook.page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
        notebook.page.wait_for_selector(shown, state="attached")
    notebook.page.wait_for_function("() => document.getAnimations().every(each => !(each instanceof CSSTransition))")


def narrow(notebook, width):
    """Make the page `width` pixels wide, sidebar closed, or with None as wide as it was, sidebar open; all is laid out then."""
    resize(notebook, width)
    wait_until_laid_out(notebook)


def resize(notebook, width):
    """Do as `narrow` does, and do not wait: while no graph is shown, nothing has to be laid out."""
    closed = notebook.page.locator("#jp-left-stack.lm-mod-hidden").count() == 1
    if closed != (width is not None):
        notebook.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area').then(() => true)")
    notebook.page.set_viewport_size({"width": width or WIDTH, "height": HEIGHT})


def wait_until_laid_out(notebook):
    """Wait until every graph is laid out for the present width of the page, which the kernel does, and painted.

    A graph tells the kernel its width RESIZE_DELAY after the last change of it; a timer that is set later and for longer
    ends later, however busy the machine is. The kernel answers what it was told before it runs code that came afterwards.
    """
    for _ in range(2):  # the answer may change the width of the graph, by a scroll bar for example
        notebook.page.evaluate(PAINT, RESIZE_DELAY + 50)
        execute(notebook, "")
    notebook.page.evaluate(PAINT, 0)


def lay_out_everything(notebook):
    """Give the body a size, without which axe sees no text."""
    notebook.page.evaluate("Object.assign(document.body.style, { width: '100vw', height: '100vh' })")


def dialogs(notebook):
    """The texts of the dialogs and notifications that JupyterLab shows."""
    return notebook.page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts()
