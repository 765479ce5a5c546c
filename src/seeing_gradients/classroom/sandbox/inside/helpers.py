"""Replaces `helpers` in the sandbox: the real recorder, and an object that does nothing for pictures and checks."""

from seeing_gradients import language, numerical_grad, record

__all__ = ["language", "numerical_grad", "record"]


class _Silent:
    """Accepts every call and attribute and does nothing; for plots and checks in the cell of an answer."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        return None

    def __getattr__(self, name: str) -> "_Silent":
        return self


accepted_or_worked = check = d2l = descend = draw = explore = export = hint = load_digits = _Silent()
personal = predict = progress = secant = watch = _Silent()
