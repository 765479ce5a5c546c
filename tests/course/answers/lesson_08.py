"""Wrong answers to the exercises of lesson 08."""

import math

import numpy
import torch


def by_distance(parents, root):
    """Breadth first, reversed: wrong if a short and a long path lead to the same node."""
    order, queue = [], [root]
    while queue:
        node = queue.pop(0)
        if node not in order:
            order.append(node)
            queue += parents[node]
    return order


def without_root(parents, root):
    order = []

    def visit(node):
        if node not in order:
            for parent in parents[node]:
                visit(parent)
            order.append(node)

    visit(root)
    return order[:-1]


def five_nodes(edges):
    """The size of one graph is built in."""
    grads = [0.0] * 5
    grads[len(edges) - 1] = 1.0
    for node in reversed(range(len(edges))):
        for parent, slope in edges[node]:
            grads[parent] += slope * grads[node]
    return grads


def stops_at_two(edges):
    """Every node is an operation from the third one on only if there are two leaves."""
    grads = [0.0] * (len(edges) - 1) + [1.0]
    for node in range(len(edges) - 1, 1, -1):
        for parent, slope in edges[node]:
            grads[parent] += slope * grads[node]
    return grads


def as_met(edges):
    """A node passes its gradient on before its last child has added to it, and then once more."""
    grads, waiting = [0.0] * (len(edges) - 1) + [1.0], [len(edges) - 1]
    while waiting:
        node = waiting.pop(0)
        for parent, slope in edges[node]:
            grads[parent] += slope * grads[node]
            if parent not in waiting:
                waiting.append(parent)
    return grads


def by_a_matrix(edges):
    """The gradients solve a linear system: each is the sum over the children of slope times gradient."""
    slopes = torch.zeros(len(edges), len(edges), dtype=torch.float64)
    for node, pairs in enumerate(edges):
        for parent, slope in pairs:
            slopes[node, parent] += slope
    return torch.linalg.inv(torch.eye(len(edges), dtype=torch.float64) - slopes)[-1]


WRITTEN = {
    ("08.2", "square_only"): lambda a, n: (a**n, 2 * a),
    ("08.3", "children_first"): by_distance,
    ("08.3", "not_each_once"): without_root,
    ("08.3", "neither"): lambda parents, root: [root, *parents[root], root],
    ("08.5", "everything"): lambda g, shape: g.sum(),
}


def twice_visited(parents, root):
    """The recursion without `seen`: a node on two paths comes twice."""
    return [node for parent in parents[root] for node in twice_visited(parents, parent)] + [root]


def towards_the_children(edges):
    grads = [0.0] * (len(edges) - 1) + [1.0]
    for node in reversed(range(len(edges))):
        for parent, slope in edges[node]:
            grads[node] += slope * grads[parent]
    return grads


# Mistakes that the spec does not list: they must be refused, and not recognised as another misconception.
OTHER = {
    "08.1": [
        lambda a, b: (a * b, -b, -a),
        lambda a, b: (a + b, b, a),
        lambda a, b: (a * b, b, 0.0),
        lambda a, b: (a * b, 0.0, 0.0),
        lambda a, b: (a * b, b * b, a * a),
        lambda a, b: (a * b, 1 / b, 1 / a),
        lambda a, b: (a * b, b + 0.1, a),
        lambda a, b: (a / b, b, a),
        lambda a, b: a * b,
        lambda a, b: (a * b, b),
        lambda a, b: (b, a, a * b),
    ],
    "08.2": [
        lambda a, n: (abs(a) ** n, n * abs(a) ** (n - 1)),
        lambda a, n: (a**n, n * a ** (n - 1) if a > 0 else 0.0),
        lambda a, n: (a**n, (n - 1) * a ** (n - 1)),
        lambda a, n: (a**n, float(n)),
        lambda a, n: (n * a, n * a ** (n - 1)),
        lambda a, n: (a**n, -n * a ** (n - 1)),
        lambda a, n: (a**n, 0.0),
        lambda a, n: (a**n, a**n / n),
        lambda a, n: (a * n, n),
        lambda a, n: a**n,
        lambda a, n: (a ** (n - 1), n * a ** (n - 1)),
        lambda a, n: (a**n, (n + 1) * a**n),
        lambda a, n: (n * a ** (n - 1), a**n),
    ],
    "08.3": [
        lambda parents, root: 1.0,
        lambda parents, root: 0.5,
        lambda parents, root: len(parents),
        lambda parents, root: -1.0,
        lambda parents, root: 2.5,
        lambda parents, root: torch.ones(2),
        lambda parents, root: {root: 1},
        lambda parents, root: root,
        lambda parents, root: set(parents),
        lambda parents, root: torch.tensor([0.0, 1.0]),
    ],
    "08.4": [
        five_nodes,
        stops_at_two,
        as_met,
        lambda edges: in_tensors([list(dict(pairs).items()) for pairs in edges]),
        lambda edges: [1.0] * len(edges),
        lambda edges: [float(i) for i in range(len(edges))],
        lambda edges: [0.0] * (len(edges) - 1) + [2.0],
        lambda edges: [-1.0] * len(edges),
        lambda edges: [sum(slope for _, slope in pairs) for pairs in edges],
        lambda edges: [grad / 2 for grad in in_tensors(edges)],
        lambda edges: in_tensors(edges)[::-1],
        lambda edges: [abs(grad) + 0.1 for grad in in_tensors(edges)],
        lambda edges: in_tensors(edges)[0],
        lambda edges: in_tensors(edges)[:-1] + [0.0],
        lambda edges: [grad + 1 for grad in in_tensors(edges)],
        towards_the_children,
    ],
    "08.5": [
        lambda g, shape: g.sum_to_size(shape) * (2 if shape[-1:] == (1,) else 1),
        lambda g, shape: torch.zeros(shape),
        lambda g, shape: torch.ones(shape),
        lambda g, shape: torch.full(shape, 7.5),
        lambda g, shape: torch.full(shape, -3.25),
        lambda g, shape: torch.full(shape, float("nan")),
        lambda g, shape: g.sum_to_size(shape) + 1,
        lambda g, shape: -g.sum_to_size(shape),
        lambda g, shape: g.sum_to_size(shape).abs() + 0.5,
        lambda g, shape: g.sum(0),
        lambda g, shape: g.max() * torch.ones(shape),
    ],
}


RECOGNISED = {
    ("08.3", "neither"): [
        lambda parents, root: [root],
        lambda parents, root: sorted(parents),
    ],
    ("08.3", "children_first"): [
        lambda parents, root: by_distance(parents, root),
        lambda parents, root: without_root(parents, root)[::-1] + [root],
    ],
    ("08.3", "not_each_once"): [lambda parents, root: [], twice_visited],
}


def by_rounds(parents, root):
    """Kahn's algorithm: repeatedly take the nodes whose parents are all in the order."""
    behind, stack, order = set(), [root], []
    while stack:
        node = stack.pop()
        behind.add(node)
        stack += parents[node]
    while len(order) < len(behind):
        order += [n for n in sorted(behind - set(order)) if set(parents[n]) <= set(order)]
    return tuple(order)


def in_tensors(edges):
    grads = [torch.tensor(0.0)] * (len(edges) - 1) + [torch.tensor(1.0)]
    for node in range(len(edges) - 1, -1, -1):
        for parent, slope in edges[node]:
            grads[parent] = grads[parent] + slope * grads[node]
    return grads


def by_removing_children(parents, root):
    """From the root back: a node is taken as soon as all that use it have been taken; then turned round."""
    behind = set(by_rounds(parents, root))
    order = []
    while len(order) < len(behind):
        used = {parent for node in behind - set(order) for parent in parents[node]}
        order += sorted(behind - set(order) - used)
    return order[::-1]


RIGHT = {
    "08.1": [
        lambda a, b: [a * b, b, a],
        lambda a, b: numpy.array([a * b, b, a]),
        lambda a, b: torch.tensor([a * b, b, a]),
    ],
    "08.2": [
        lambda a, n: (math.prod([a] * n), n * math.prod([a] * (n - 1))),
        lambda a, n: (a**n, torch.func.grad(lambda t: t**n)(torch.tensor(a, dtype=torch.float64))),
        lambda a, n: torch.tensor([a**n, n * a**n / a]),
        lambda a, n: (a**n, sum(a ** (n - 1) for _ in range(n))),
        lambda a, n: [float(a) ** n, n * a**n / a],
    ],
    "08.3": [
        by_rounds,
        lambda parents, root: list(by_rounds(parents, root)),
        by_removing_children,
    ],
    "08.4": [
        by_a_matrix,
        in_tensors,
        lambda edges: torch.stack(in_tensors(edges)),
        lambda edges: torch.stack(in_tensors(edges)).numpy(),
    ],
    "08.5": [
        lambda g, shape: g.sum_to_size(shape),
        lambda g, shape: g.double().sum_to_size(shape).numpy(),
        lambda g, shape: torch.func.vjp(lambda t: t.expand(g.shape), torch.zeros(shape))[1](g)[0],
    ],
}

PREDICTED = {"08.p1": 1, "08.p2": 2, "08.p3": 10.0, "08.p4": 8.0}
