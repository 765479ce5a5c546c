"""What runs an answer and watches it: functions without reference solutions, so that they may run beside code that nobody trusts.

`run` functions take (answer, *inputs); rules take (answer, received, *inputs) and return whether the rule is broken.
"""
