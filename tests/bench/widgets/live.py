from helpers import explore, language

language.use("en")


def loss(w, b, x, y_true):
    y_pred = w * x + b
    error = y_pred - y_true
    return error**2


widget = explore(loss, w=(-5.0, 5.0, 0.05), b=2.0, x=2.0, y_true=7.0, ahead=False)
widget  # noqa: B018, shown
