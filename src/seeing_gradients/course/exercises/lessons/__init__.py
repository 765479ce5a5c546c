"""The exercises and predictions, a folder a lesson.

Exercise 02.3 and its misconceptions stand in `l02/exercises_1_to_4_loss.py`, prediction 02.p1 in `l02/predictions.py`. A
function that is the reference and the worked solution at once is written as learners read it, without annotations.
"""
