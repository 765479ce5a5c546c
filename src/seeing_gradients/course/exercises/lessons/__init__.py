"""The exercises and predictions, a folder a lesson: exercise 02.3 stands in `l02/exercises_1_to_4_loss.py`, 02.p1 in `l02/predictions.py`."""
