"""A folded loop in the page: it opens and closes, its rounds are chosen, and its numbers are PyTorch's."""

import pytest
import torch
from playwright.sync_api import expect

from . import lab, page
from .explorer import find, go_to, press, settle

CELL = """
import torch
from helpers import explore, language
language.use("en")

def doubled(a):
    b = a * 3
    while b.norm() < 1000:
        b = b * 2
    return b

def recurrent(w, xs):
    h = 0.0
    for x in xs:
        h = torch.tanh(w * h + x)
    return h

def growing(w, steps, every):
    h = torch.zeros(())
    for t in range(int(steps)):
        if t > 0 and t % int(every) == 0:
            h = h.detach()
        h = w * h + 1.0
    return h
"""
CELLS = [
    "explore(doubled, a=(0.3, 3.0)).set(a=0.5)",
    "explore(recurrent, w=(-2.0, 2.0), xs=torch.linspace(-1, 1, 10)).set(w=0.5)",
    "explore(growing, w=(0.5, 1.2), steps=range(1, 31), every=range(1, 31), plot='w').set(w=0.9, steps=10, every=5)",
]


@pytest.fixture(scope="module")
def opened(browser, server):
    lab.write_notebook(server.root / "loops.ipynb", CELL, *CELLS)
    with page.open_notebook(browser, server, "loops.ipynb") as notebook:
        page.run_all(notebook)
        yield notebook


def wait(explorer, condition):
    explorer.page.wait_for_function(f"e => {condition}", arg=explorer.element_handle(), timeout=page.PATIENCE)


def columns(loop):
    """The (value, gradient) of the first, the chosen and the last round, and the number of the chosen one."""
    last, first, chosen = loop.locator(".sg-val").all_text_contents()
    numbers = [float(text.removeprefix("→ ")) for text in (first, chosen, last)]
    last, first, chosen = loop.locator(".sg-grad").all_text_contents()
    grads = [float(text.removeprefix("← ")) for text in (first, chosen, last)]
    return list(zip(numbers, grads, strict=True)), int(loop.locator(".sg-round-number").text_content())


def rounds_of_doubled(a):
    """What PyTorch has in each round: [(value, gradient), ...]."""
    b = torch.tensor(a, requires_grad=True) * 3
    states = []
    while b.norm() < 1000:
        b = b * 2
        b.retain_grad()
        states.append(b)
    b.backward()
    return [(state.item(), state.grad.item()) for state in states]


def test_the_numbers_of_the_rounds_are_pytorchs_and_a_round_is_chosen_by_mouse_and_keyboard(opened):
    explorer = find(opened)
    loop = explorer.locator(".sg-loop")
    expected = rounds_of_doubled(0.5)
    count = len(expected)
    shown, chosen = columns(loop)
    assert chosen == (count + 1) // 2
    assert shown == [pytest.approx(expected[i], rel=1e-3) for i in (0, chosen - 1, count - 1)]
    loop.locator(".sg-round-button").last.click()
    shown, after = columns(loop)
    assert after == chosen + 1 and shown[1] == pytest.approx(expected[after - 1], rel=1e-3)
    assert explorer.locator(".sg-chip").count() == 0  # the button has not opened the loop
    loop.focus()
    for _ in range(2):
        opened.page.keyboard.press("Shift+ArrowLeft")
    shown, after = columns(loop)
    assert after == chosen - 1 and shown[1] == pytest.approx(expected[after - 1], rel=1e-3)
    assert (
        f"round {after}: b" in loop.get_attribute("aria-label")
        or f"round {after}: b" in explorer.locator(".sg-detail").inner_text()
    )
    opened.page.keyboard.press("Shift+End")
    assert columns(loop)[1] == count - 1
    opened.page.keyboard.press("Shift+Home")
    assert columns(loop)[1] == 2


def test_the_product_of_a_nudge_stands_in_place_of_the_caption_below_a_loop(opened):
    explorer = find(opened)
    button = explorer.locator(".sg-nudge-button")
    button.click()
    opened.page.wait_for_function(
        "e => e.querySelector('.sg-loop .sg-product')?.textContent", arg=explorer.element_handle()
    )
    covered = explorer.locator(".sg-loop .sg-covered").all_text_contents()
    assert len(covered) == 1 and "op" in covered[0]
    assert "sg-covered" not in explorer.locator(".sg-loop .sg-round-number").get_attribute("class")
    button.click()


def test_a_loop_opens_and_closes_by_mouse_and_keyboard_and_gains_rounds_while_open(opened):
    explorer = find(opened)
    loop = explorer.locator(".sg-loop")
    count = len(rounds_of_doubled(0.5))
    loop.locator(".sg-name").click()
    wait(explorer, f"e.querySelectorAll('.sg-op').length === {count + 1}")
    press(explorer, "Home")  # a = 0.3: one round more
    settle(explorer)
    more = len(rounds_of_doubled(0.3))
    assert more == count + 1
    wait(explorer, f"e.querySelectorAll('.sg-op').length === {more + 1}")
    assert f"{more} rounds" in explorer.locator(".sg-chip").inner_text()
    explorer.locator(".sg-chip").click()
    wait(explorer, "e.querySelectorAll('.sg-loop').length === 1")
    assert columns(explorer.locator(".sg-loop"))[0][-1] == pytest.approx(rounds_of_doubled(0.3)[-1], rel=1e-3)
    explorer.locator(".sg-loop").focus()
    opened.page.keyboard.press("Enter")
    wait(explorer, f"e.querySelectorAll('.sg-op').length === {more + 1}")
    opened.page.keyboard.press("Escape")
    wait(explorer, "e.querySelectorAll('.sg-loop').length === 1")
    explorer.locator(".sg-reset").click()
    settle(explorer)


def test_a_step_through_a_round_says_which_and_shows_what_is_known(opened):
    explorer = find(opened)
    count = len(rounds_of_doubled(0.5))
    opened.page.mouse.move(0, 0)  # away from the nodes, of which the panel would speak
    go_to(explorer, 4)  # the inputs, the first product, rounds 1, 2, 3
    loop = explorer.locator(".sg-loop")
    expect(explorer.locator(".sg-detail")).to_contain_text(f"{count} rounds. Round 3", timeout=page.PATIENCE)
    assert loop.locator(".sg-round-number").text_content() == "3"
    last, first, chosen = loop.locator(".sg-val").all_text_contents()
    assert (
        last == ""
        and first
        and float(chosen.removeprefix("→ ")) == pytest.approx(rounds_of_doubled(0.5)[2][0], rel=1e-3)
    )
    assert "sg-now" in loop.get_attribute("class") and "sg-later" not in loop.get_attribute("class")
    explorer.locator(".sg-step-slider").press("End")


def test_the_sum_along_several_edges_stays_within_its_label_beside_a_plot_too(opened):
    page.narrow(opened, 1100)
    explorer = find(opened, 2)
    assert explorer.locator(".sg-body").get_attribute("data-columns") == "graph"  # where small texts are larger
    for slider in explorer.locator(".sg-range").all():
        slider.press("End")
    settle(explorer)
    tag = explorer.locator(".sg-tag.sg-bundle").first
    outside = """tag => {
        const [box, text] = ["rect", "text"].map((name) => tag.querySelector(name).getBoundingClientRect());
        return Math.max(box.left - text.left, text.right - box.right);
    }"""
    assert tag.locator("text").text_content() == "30 × ← Σ 23763" and tag.evaluate(outside) <= 0
    page.narrow(opened, None)


def test_ten_edges_are_one_until_they_are_opened(opened):
    explorer = find(opened, 1)
    tag = explorer.locator(".sg-tag.sg-bundle").first
    w = torch.tensor(0.5, requires_grad=True)
    h = 0.0
    for x in torch.linspace(-1, 1, 10):
        h = torch.tanh(w * h + x)
    h.backward()
    text = tag.locator("text").text_content()
    assert text.startswith("10 × ← Σ ") and float(text.split()[-1]) == pytest.approx(w.grad.item(), rel=1e-3)
    tag.focus()
    opened.page.keyboard.press("Enter")
    wait(explorer, "e.querySelectorAll('.sg-chip').length === 1")
    assert explorer.locator(".sg-tag .sg-flow").count() >= 10
    explorer.locator(".sg-chip").click()
    wait(explorer, "e.querySelectorAll('.sg-tag.sg-bundle').length === 1")
    assert opened.complaints == []
