"""Rules about the graph that an answer records: which operations, how many, how large."""

import torch

from seeing_gradients.recorder import record


def _recorded(answer, x):
    return record(answer, torch.tensor(x, requires_grad=True))


def has_power(answer, received, x):
    names = [node.grad_fn or "" for node in _recorded(answer, x).nodes]
    return any(name.startswith("Pow") for name in names)


def has_a_third_arrow(answer, received, x):
    graph = _recorded(answer, x)
    return sum(edge.src in graph.inputs.values() for edge in graph.edges) > 2


def has_more_operations(answer, received, x):
    names = [node.grad_fn for node in _recorded(answer, x).nodes if node.kind == "op"]
    return sorted(map(str, names)) != ["AddBackward0", "MulBackward0"]


_ROWS = 12  # for the graphs of the rules: more rows than an answer without a loop has operations


def _graph_of_rows(answer):
    """The Record of an answer on a batch of 12 rows with 3 elements each."""
    X = torch.arange(1.0, 3 * _ROWS + 1).reshape(_ROWS, 3).requires_grad_()
    return record(answer, X, gradient=torch.ones(_ROWS))


def has_gram_matrix(answer, received, X):
    return any(tuple(node.shape or ()) == (_ROWS, _ROWS) for node in _graph_of_rows(answer).nodes)


def has_loop(answer, received, X):
    return sum(node.kind == "op" for node in _graph_of_rows(answer).nodes) >= _ROWS


def leaves_the_graph(answer, received, X):
    result = answer(X.clone().requires_grad_())
    return not (isinstance(result, torch.Tensor) and result.requires_grad)


def _operations(answer, x):
    """grad_fn of what leads to the output, at x."""
    graph = record(answer, torch.tensor(x, requires_grad=True))
    return [node.grad_fn or "" for node in graph.nodes if node.kind == "op"]


def chooses_on_the_graph(answer, received, x):
    return any(name.startswith("Where") for name in _operations(answer, x))


def computes_both(answer, received, x):
    """Whether one graph, larger than a formula, serves both signs; a formula spelled out at length is its own graph."""
    return len(_operations(answer, x)) > 2 and _structure(answer, x) == _structure(answer, -x)


def _structure(answer, x):
    """What leads to the output, without the numbers: the nodes in order, and the edges between them."""
    graph = record(answer, torch.tensor(x, requires_grad=True))
    place = {node.id: i for i, node in enumerate(graph.nodes)}
    return [node.grad_fn for node in graph.nodes], [(place[edge.src], place[edge.dst]) for edge in graph.edges]
