"""The stand-in for `helpers` where an answer runs: the recorder itself, and silence in place of pictures and checks."""

from seeing_gradients import language, numerical_grad, record

__all__ = ["language", "numerical_grad", "record"]


class _Silent:
    """Stands in for what a cell may call beside its answer, such as a plot or a check."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        return None

    def __getattr__(self, name: str) -> "_Silent":
        return self


check = d2l = descend = draw = explore = export = hint = personal = predict = progress = secant = _Silent()
