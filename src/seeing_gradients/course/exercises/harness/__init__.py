"""Functions that run an answer (`runs`) and that check how it works (`rules`).

The modules import no reference solution, so that the sandbox can load them beside untrusted code.
"""
