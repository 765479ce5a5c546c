"""Lesson 02, the computation graph and backward: eight exercises and five predictions."""
