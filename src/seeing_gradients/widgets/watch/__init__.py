"""A training run that one can scrub through: gradients, updates, activations and the decision boundary at every step.

`watch(model, loss, data, optimizer, steps=300)` trains and shows it; `with watch(model) as run:` and `run.step(loss)`
watch a training loop of one's own; `watch(make_model, ..., depth=(1, 20))` trains again with each choice.
"""

from .widget import TrainingRun, watch

__all__ = ["TrainingRun", "watch"]
