"""In words: where and why backward stopped, and what calling it twice added."""

from seeing_gradients.language import message
from seeing_gradients.picture.layout import called, number


def stopped(taken, error):
    """Return the sentence for an error of the engine.

    Args:
        taken: Record whose `failed` is the node at which backward stopped.
        error: Exception that it stopped with.
    """
    node = taken.nodes[taken.failed]
    fields = {"node": f"{node.name} ({node.grad_fn})" if node.name else node.grad_fn}
    fields["error"] = f"{type(error).__name__}: {str(error).split('. ')[0].strip()}"
    changed = next((saved for saved in node.kept if saved.state == "changed"), None)
    if changed is not None:
        fields |= {"name": called(changed, node, taken.nodes), "version": changed.version, "now": changed.now}
        return message("explore.backward_changed", line=changed.line or "?", **fields)
    freed = any(saved.state == "freed" for saved in node.kept)
    return message("explore.backward_freed" if freed else "explore.backward_failed", **fields)


def accumulated(record):
    """Return the sentence that says what a second backward added, or None where there was no second one."""
    sums = []
    for name, total in (record.accumulated or {}).items():
        first = record.grads[name]
        if first is None or total is None:
            continue
        whole = f"{name}.grad = {_number(first)} + {_number(total - first)} = {_number(total)}"
        sums.append(whole if total.numel() == 1 else f"{name}.grad")
    return message("explore.backward_twice", grads=", ".join(sums)) if sums else None


def _number(tensor):
    return number(tensor.sum().item())
