"""What stands for `helpers` where an answer runs: the recorder itself, and silence in place of pictures and checks."""

from seeing_gradients import language, numerical_grad, record

__all__ = ["language", "numerical_grad", "record"]


class _Quiet:
    """Stands for what a cell may call beside its answer: a plot, a check."""

    def __call__(self, *args, **kwargs):
        return None

    def __getattr__(self, name):
        return self


check = d2l = descend = draw = explore = export = hint = personal = predict = progress = secant = _Quiet()
