"""Run an answer (`runs`) and watch it (`rules`), without reference solutions.

Untrusted code may run in the same process.
"""
