"""predict: a question to commit to before anything runs; the answer is kept, PyTorch's own shows only afterwards."""

from .catalogue import prediction


def predict(id):
    """Return the widget that asks for a prediction, "02.p1".

    The learner records a prediction or skips, runs the cells that follow, then compares with what PyTorch gives. A
    prediction made before (a reopened notebook, another kernel) is shown again; the first one stays.

    Raises:
        ValueError: there is no such prediction.
    """
    spec = prediction(id)
    from .widget import Predictor

    return Predictor(spec)
