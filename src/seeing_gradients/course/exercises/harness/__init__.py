"""What runs an answer (`runs`) and watches it (`rules`), without reference solutions: it may run beside code that nobody trusts."""
