"""What a test asks of a widget as the page asks: the check beside an explorer's gradients, the samples of its plot, shapes."""


def checked(explorer):
    """[(central difference, sign), ...] of the present position: a check that is slow, on a busy machine, waits to be asked for."""
    explorer.check_requested = explorer.state["sequence"]
    return explorer.check["cells"]


def answered(explorer, most=200):
    """Ask, as the page does, until the plot is done; return how often."""
    for times in range(1, most):
        explorer._received(None, {"plot": "fine"}, [])
        if explorer.plot_data["done"]:
            return times
    raise AssertionError("the plot is never done")


def drawn(shapes, name):
    """What is drawn of a class, in order: the path data of a path, else (x, y, ...)."""
    found = [content for own, _, *content in shapes if own == name]
    return [content[0] if len(content) == 1 else tuple(content) for content in found]
