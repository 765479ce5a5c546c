from helpers import explore, language

language.use("en")
explore(lambda x: x * x, x=2.0)  # made, not shown: so that all is imported, and no other graph is on the page


def f(x, w, b):
    for _ in range(3_333):
        x = (w * x + b).tanh()
    return x


# ---- the cell that is timed ----
explore(f, x=(-1.0, 1.0), w=0.9, b=0.1, max_ops=20_000, max_seconds=None, fold=False)
