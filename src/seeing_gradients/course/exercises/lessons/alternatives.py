"""Other ways to solve the exercises, which a check shows once an answer is right: `alternatives("02.2")`. All are accepted."""

from textwrap import dedent

from seeing_gradients.language import localize_comments

_ALTERNATIVES = {
    "00.1": ("total = sum(n**2 for n in (1, 2, 3))",),
    "00.2": (
        "def slope(x):\n    return x + x",
        "def slope(x):\n    return torch.func.grad(lambda t: (t * t).sum())(x)",
    ),
    "01.1": (
        "def central(x, h):\n    return 3 * x**2 + h**2   # the same, multiplied out: the error is h**2 | 与此相同，只是展开了，误差是h**2",
    ),
    "01.3": (
        """
        net = torch.nn.Sequential(torch.nn.Linear(20, 30), torch.nn.ReLU(), torch.nn.Linear(30, 1))
        n = sum(p.numel() for p in net.parameters())
        central, one_sided, backward = 2 * n, n + 1, 1
        """,
    ),
    "01.5": (
        """
        def one_step(x, lr):
            x = torch.tensor(x, requires_grad=True)
            (3 * x**2 - 4 * x).backward()
            return x.item() - lr * x.grad.item()
        """,
    ),
    "02.1": (
        """
        w, b = torch.tensor(2.0, requires_grad=True), torch.tensor(-1.0, requires_grad=True)
        ((w * 3 + b - 9) ** 2).backward()
        dw, db = w.grad, b.grad
        """,
    ),
    "02.2": (
        """
        def three_grads(w, b, c, x, y_true):
            leaves = [torch.tensor(p, requires_grad=True) for p in (w, b, c)]
            w, b, c = leaves
            return torch.autograd.grad((c * x**2 + w * x + b - y_true) ** 2, leaves)   # leaves .grad alone | 不改动.grad
        """,
        """
        def three_grads(w, b, c, x, y_true):
            def loss(w, b, c):
                return (c * x**2 + w * x + b - y_true) ** 2
            return torch.func.grad(loss, argnums=(0, 1, 2))(*map(torch.tensor, (w, b, c)))
        """,
    ),
    "02.3": (
        """
        def train(w, x, y_true, lr, steps):
            w = torch.tensor(w, requires_grad=True)
            sgd = torch.optim.SGD([w], lr=lr)
            for _ in range(steps):
                sgd.zero_grad()
                ((w * x - y_true) ** 2).backward()
                sgd.step()
            return w.item()
        """,
    ),
    "02.5": ("def two_arrows(x):\n    return (x + 1) * x",),
    "02.6": (
        """
        x = torch.tensor(2.0, requires_grad=True)
        (x**3).backward()
        g = x.grad
        (5 * x).backward()
        x_grad = x.grad
        """,
    ),
    "02.7": (
        """
        def both_grads(x):
            arrived = []
            y = x * x
            y.register_hook(arrived.append)   # a hook sees what retain_grad would keep | 钩子得到的就是retain_grad会保留的梯度
            (y * y).sum().backward()
            return x.grad, arrived[0]
        """,
    ),
    "02.8": (
        "def new_leaf(q):\n    return q.detach().clone().requires_grad_()   # in memory of its own | 有自己的内存",
        "def new_leaf(q):\n    return torch.nn.Parameter(q)",
    ),
    "03.1": (
        """
        x = torch.tensor([2.0, -1.0], requires_grad=True)
        y = 3 * torch.dot(x, x)
        y.backward()
        dy1, dy2 = x.grad
        """,
    ),
    "03.2": (
        "def batch_norms(X):\n    return torch.linalg.vector_norm(X, dim=1)",
        'def batch_norms(X):\n    return torch.einsum("bn,bn->b", X, X).sqrt()',
    ),
    "03.3": (
        "def norm_grad(x):\n    return torch.nn.functional.normalize(x, dim=0)   # 0 / a tiny number is 0 | 0除以极小的数仍是0",
    ),
    "03.4": (
        """
        def ridge_grad(w, X, y, lam):
            residuals = X @ w - y
            return 2 * ((residuals[:, None] * X).mean(0) + lam * w)   # the mean over the rows | 对各行取平均
        """,
    ),
    "04.1": (
        """
        def one_row(A, x, i):
            x = x.clone().requires_grad_()
            v = torch.zeros(len(A))
            v[i] = 1.0
            return torch.autograd.grad(A @ (x * x), x, v)[0]
        """,
        "def one_row(A, x, i):\n    return torch.func.grad(lambda x: A[i] @ (x * x))(x)",
    ),
    "04.2": (
        """
        def full_jacobian(A, x):
            return torch.stack([torch.func.grad(lambda x: row @ (x * x))(x) for row in A])
        """,
    ),
    "04.3": (
        """
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        y = torch.stack([x[0] * x[1], x[0] ** 2, x[1] + 3 * x[0]])
        y.retain_grad()
        (3 * y[0] - 2 * y[1] + (y[2] - 1) ** 2 / 2).backward()
        v0, v1, v2 = y.grad   # what arrives at y is v | 到达y的梯度就是v
        dx0, dx1 = x.grad
        """,
    ),
    "04.4": (
        """
        def jvp_by_vjps(A, x, u):
            x = x.clone().requires_grad_()
            v = torch.ones(len(A), requires_grad=True)
            (g,) = torch.autograd.grad(v @ (A @ (x * x)), x, create_graph=True)
            return torch.autograd.grad(g @ u, v)[0]
        """,
    ),
    "05.1": ("slope = torch.func.grad(lambda x: (x * x).detach() * x + x * x)(torch.tensor(3.0))",),
    "05.3": (
        """
        def train_and_log(w, xs, lr):
            losses = []
            for x in xs:
                losses.append((w * x - 1) ** 2)
                w -= lr * 2 * x * (w * x - 1)   # by the formula: no graph at all | 直接用公式，不需要计算图
            return losses
        """,
    ),
    "05.4": (
        "def frozen_copy(y):\n    return y.clone().detach()",
        "def frozen_copy(y):\n    with torch.no_grad():\n        return y.clone()",
    ),
    "05.5": (
        "def update(w, lr):\n    torch.optim.SGD([w], lr=lr).step()\n    return w",
        "@torch.no_grad()\ndef update(w, lr):\n    return w.sub_(lr * w.grad)",
    ),
    "06.1": (
        """
        b, n = 2 * 3.0, 0
        while b < 1000:
            b, n = 2 * b, n + 1
        k_plus = b / 3   # f(a) = k * a
        k_minus = 100 * k_plus
        """,
    ),
    "06.2": ("def next_jump(a):\n    return min(500 / 2**n for n in range(60) if 500 / 2**n > a)",),
    "06.3": (
        """
        def safe_f(a):
            b = a * 2
            while 0 < b.norm() < 1000:
                b = b * 2
            if b == 0:
                return 0 * a
            return b if b.sum() > 0 else 100 * b
        """,
    ),
    "06.4": ("def by_sign(x):\n    return x * (x if x > 0 else -3)",),
    "06.5": (
        """
        def slopes(a):
            def f(a):
                b = a * 2
                while b.norm() < 1000:
                    b = b * 2
                return b if b.sum() > 0 else 100 * b
            a = a.clone().requires_grad_()
            return torch.autograd.grad(f(a), a, torch.ones_like(a))[0]   # v of ones instead of the sum | 用全为1的v代替求和
        """,
    ),
    "06.6": ("def agrees(grad, d, a):\n    return bool(torch.isclose(grad * a, d).all())",),
    "07.1": (
        """
        x = torch.tensor(2.0, requires_grad=True)
        (first,) = torch.autograd.grad(x**3 + 3 * x**2, x, create_graph=True)
        (second,) = torch.autograd.grad(first, x)
        """,
    ),
    "07.2": (
        """
        def second_derivative(x):
            first = torch.func.grad(lambda t: torch.sin(t) * torch.exp(t))
            return torch.func.vmap(torch.func.grad(first))(x)
        """,
    ),
    "07.3": (
        """
        def hessian_times(x, u):
            gradient = torch.func.grad(lambda t: (t @ t) ** 2)
            return torch.func.jvp(gradient, (x,), (u,))[1]   # forward over reverse | 前向套反向
        """,
        "def hessian_times(x, u):\n    return 4 * (x @ x) * u + 8 * x * (x @ u)   # on paper | 在纸上推导",
    ),
    "07.4": ("def slope_of_sine(x):\n    return torch.func.vmap(torch.func.grad(torch.sin))(x)",),
    "07.6": ("def mine(x):\n    return x.norm() if x.norm() > 5 else x.norm() ** 2",),
    "07.7": (
        """
        x, u = torch.randn(50, requires_grad=True), torch.randn(50)   # of any such loss, count what PyTorch does | 任取一个损失，数一数PyTorch做了什么
        (g,) = torch.autograd.grad((x @ x) ** 2, x, create_graph=True)
        products = torch.autograd.grad(g, x, u, retain_graph=True)
        rows = [torch.autograd.grad(each, x, retain_graph=True)[0] for each in g]
        passes_H, passes_Hu, numbers = len(rows), len(products), torch.stack(rows).numel()
        """,
    ),
    "07.8": (
        """
        def forward(x):
            import math
            t = torch.tensor(x, dtype=torch.float64)
            nodes = [
                lambda x: x**2,
                lambda x: (x**2).log(),
                torch.sin,
                lambda x: (x**2).log() * x.sin(),
                lambda x: (x**2).log() * x.sin() + 1 / x,
            ]
            return torch.stack([torch.func.jvp(node, (t,), (torch.ones_like(t),))[1] for node in nodes])
        """,
    ),
    "08.1": (
        """
        def times(a, b):
            product = lambda a, b: a * b
            return product(a, b), product(a + 1, b) - product(a, b), product(a, b + 1) - product(a, b)   # linear in each | 对每个都是线性的
        """,
        """
        def times(a, b):
            a, b = (torch.tensor(each, requires_grad=True) for each in (a, b))
            return a * b, *torch.autograd.grad(a * b, (a, b))   # as PyTorch does it | 像PyTorch那样求
        """,
    ),
    "08.2": (
        "def power_and_slope(a, n):\n    value = a**n\n    return value, n * value / a   # a is not 0 here | 这里a不为0",
    ),
    "08.3": (
        """
        def in_order(parents, root):
            order, waiting = [], [root]
            while waiting:
                missing = [p for p in parents[waiting[-1]] if p not in order]
                if missing:
                    waiting += missing
                else:
                    node = waiting.pop()
                    if node not in order:
                        order.append(node)
            return order
        """,
    ),
    "08.4": (
        """
        def gradients(edges):
            grads = [0.0] * (len(edges) - 1) + [1.0]
            for node, pairs in reversed(list(enumerate(edges))):
                for parent, slope in pairs:
                    grads[parent] += slope * grads[node]
            return grads
        """,
    ),
    "08.5": ("def unbroadcast(g, shape):\n    return g.sum_to_size(shape)",),
    "09.2": (
        """
        y = torch.zeros(3, requires_grad=True).exp()
        saved = y._version   # of the result, which exp saves | exp保存的就是这个结果
        y += 1
        y[:2].mul_(2)
        y * 3   # makes a new tensor | 得到新的张量
        now = y._version
        """,
    ),
    "09.3": ("def concentration(x):\n    return torch.softmax(x, 0).square().sum()",),
    "09.4": (
        """
        def root(x):
            result = torch.zeros_like(x)
            inside = x > 0
            result[inside] = x[inside].sqrt()   # the root never meets the other elements | 其他元素不参与开方
            return result
        """,
    ),
    "09.5": (
        """
        def train(w, xs, ys, lr, steps):
            w = w.clone().requires_grad_()
            for _ in range(steps):
                (slope,) = torch.autograd.grad(((w * xs - ys) ** 2).mean(), w)
                w = (w - lr * slope).detach().requires_grad_()   # a new leaf each time | 每次都得到新的叶子
            return w.detach()
        """,
    ),
    "09.6": (
        "def history(w, batches):\n    return torch.tensor([(w * x).exp().mean().item() for x in batches])",
        "def history(w, batches):\n    return (w.detach() * batches).exp().mean(1)",
    ),
    "10.1": (
        """
        J = torch.func.jacrev(lambda x: x[:5])(torch.zeros(200))   # of any such function | 任何这样的函数都可以
        reverse, forward = J.shape
        """,
    ),
    "10.2": ("def my_backward(x, g):\n    return torch.func.vjp(lambda t: t * t.exp(), x)[1](g)[0]",),
    "10.3": (
        """
        from torch.utils.checkpoint import checkpoint
        ran = []   # the blocks, each time one is evaluated | 每计算一块，就记下一次
        def segment(x):
            for block in range(16 // 4):
                ran.append(block)
                x = x.tanh()
            return x
        inputs = [torch.ones(1, requires_grad=True)]   # of the segments | 各段的输入
        for _ in range(4):
            inputs.append(checkpoint(segment, inputs[-1], use_reentrant=False))
        inputs.pop().backward()
        evaluations, held, inside = len(ran), len(inputs), len(set(ran))
        """,
    ),
    "10.4": (
        """
        def hvp(x, v):
            gradient = torch.func.grad(lambda t: t.sum() ** 3)
            return torch.func.jvp(gradient, (x,), (v,))[1]
        """,
        "def hvp(x, v):\n    return (6 * x.sum() * v.sum()).expand(len(x))   # every element of H is 6 * sum(x) | H的每个元素都是6 * sum(x)",
    ),
    "11.1": (
        """
        def layer_backward(X, W, G):
            dW = torch.einsum("nd,nk->dk", X, G)
            dX = torch.einsum("nk,dk->nd", G, W)
            return dW, dX, torch.ones(len(G)) @ G
        """,
    ),
    "11.2": (
        """
        def logit_grad(Z, y):
            p = torch.softmax(Z, dim=1)
            p[torch.arange(len(Z)), y] -= 1
            return p / len(Z)
        """,
    ),
    "11.3": ("def hidden_grad(H, W2, dZ):\n    return torch.where(H > 0, dZ @ W2.T, 0.0)",),
    "11.4": (
        """
        def exposing_input():
            W = torch.tensor([[0.0, 1.0], [0.0, 0.0]])
            return W, torch.eye(2)   # then the formulas give W and its transpose | 这时两个公式分别给出W和它的转置
        """,
        """
        def exposing_input():
            return torch.randn(2, 2), torch.randn(3, 2)   # random numbers are not symmetric | 随机数不会恰好对称
        """,
    ),
    "11.6": (
        """
        def share_backward(A, G):
            S = A.sum(dim=1, keepdim=True)
            dS = -(G * A).sum(dim=1, keepdim=True) / S**2
            return G / S + dS   # two paths | 两条路径
        """,
    ),
    "12.1": (
        """
        def layer_factors(w, x):
            factors = []
            for weight in w:
                z = weight * x
                x = torch.sigmoid(z)
                factors.append(weight * x * torch.sigmoid(-z))   # 1 - sigmoid(z) = sigmoid(-z)
            return torch.stack(factors)
        """,
    ),
    "12.2": ('def good_std(n_in, activation):\n    return {"linear": 1.0, "relu": 2**0.5}[activation] / n_in**0.5',),
    "12.4": (
        """
        def clip_by_norm(grads, limit):
            norm = torch.cat([g.flatten() for g in grads]).norm()
            return [g * (limit / norm).clamp(max=1.0) for g in grads]
        """,
    ),
    "12.5": ("def dead_units(X, W, b):\n    return torch.relu(X @ W + b).sum(dim=0) == 0",),
    "12.6": (
        """
        def scaled_grad(w, x, scale):
            loss = (w.half() * x).mean()
            loss.backward(torch.full_like(loss, scale))   # backward begins with scale, not 1 | 反向传播从scale而不是1开始
            return w.grad / scale
        """,
    ),
    "13.1": (
        """
        before = [0.0, 1.0, 3.0, 7.0]   # the states before the four steps | 四步之前的状态
        terms = [2.0 ** (4 - t) * h for t, h in enumerate(before, start=1)]
        whole, cut_after_2, cut_always, twice = sum(terms), sum(terms[2:]), terms[3], 2 * sum(terms)
        """,
    ),
    "13.2": (
        """
        def grad_through_time(w, xs):
            n, states = len(xs), [0.0]
            for x in xs:
                states.append(w * states[-1] + x)
            return sum(w ** (n - t) * states[t - 1] for t in range(1, n + 1))   # the sum over time | 对时间求和
        """,
        """
        def grad_through_time(w, xs):
            n = len(xs)   # h_n is a polynomial in w, the sum of w ** (n - t) * x_t | h_n是w的多项式，各项为w ** (n - t) * x_t
            return sum((n - t) * w ** (n - t - 1) * x for t, x in enumerate(xs[:-1], start=1))
        """,
    ),
    "13.3": (
        "def step_jacobian(W, h, x):\n    return torch.diag((W @ h + x > 0).float()) @ W",
        "def step_jacobian(W, h, x):\n    return torch.where((W @ h + x > 0)[:, None], W, 0.0)",
    ),
    "13.4": (
        'def loop_order():\n    return "EAGDBFC"   # detach at the end of the round | 在一次迭代的末尾分离',
        'def loop_order():\n    return "CFEAGDB"   # zero_grad first | 一开始就清零',
    ),
    "13.6": (
        "def exposing_input():\n    return 0.5, [1.0, 2.0, 3.0]   # her test with one more step | 在同事的测试里多加一步",
    ),
    "13.7": (
        """
        def truncated_grad(w, xs, k):
            h, total = torch.zeros(()), 0.0
            for chunk in xs.split(k):
                h = h.detach()
                for x in chunk:
                    h = torch.tanh(w * h + x)
                total = total + torch.autograd.grad(h * h, w)[0]   # leaves .grad alone | 不改动.grad
            return total
        """,
    ),
    "14.1": (
        """
        def matmul(A, B):
            to_A = lambda G: torch.einsum("nk,dk->nd", G, B)   # each index that is not in the result is summed over | 结果里没有的下标要求和
            to_B = lambda G: torch.einsum("nd,nk->dk", A, G)
            return A @ B, to_A, to_B
        """,
    ),
    "14.2": (
        """
        def add(a, b):
            return a + b, lambda G: G.sum_to_size(a.shape), lambda G: G.sum_to_size(b.shape)
        """,
    ),
    "14.3": ("def relu(a):\n    return a.relu(), lambda G: torch.where(a > 0, G, 0.0)",),
    "14.4": (
        """
        def cross_entropy(Z, y):
            log_p = Z - Z.logsumexp(dim=1, keepdim=True)   # logsumexp subtracts the largest by itself | logsumexp会自动减去最大值
            target = torch.nn.functional.one_hot(y, Z.shape[1])
            return -(target * log_p).sum(dim=1).mean(), lambda G: G * (log_p.exp() - target) / len(y)
        """,
    ),
    "14.5": (
        """
        def backward(root):   # a value runs when all of its children have run | 子节点都处理完，才轮到这个值
            children, waiting = {root: 0}, [root]
            while waiting:
                for parent, _ in waiting.pop().parents:
                    if parent not in children:
                        waiting.append(parent)
                    children[parent] = children.get(parent, 0) + 1
            root.grad, ready = torch.ones_like(root.data), [root]
            while ready:
                value = ready.pop()
                for parent, vjp in value.parents:
                    parent.grad = parent.grad + vjp(value.grad)
                    children[parent] -= 1
                    if children[parent] == 0:
                        ready.append(parent)
        """,
    ),
    "14.6": (
        """
        def train_step(parameters, compute_loss, lr):
            for p in parameters:
                p.grad.zero_()
            loss = compute_loss()
            loss.backward()
            for p in parameters:
                p.data -= lr * p.grad   # in place: the old numbers are not needed any more | 就地修改，旧的数不再需要
            return loss.data.item()
        """,
    ),
}


def alternatives(id: str) -> tuple[str, ...]:
    """Return the code of other ways to solve an exercise, with comments in the language in use.

    Args:
        id: str, "02.2".
    """
    return tuple(localize_comments(dedent(code).strip()) for code in _ALTERNATIVES.get(id, ()))
