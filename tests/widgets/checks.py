"""What a test asks of an explorer as the page asks: the check beside its gradients, the samples of its plot."""


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
