"""What a `run` function gives for an answer of the wrong kind, so that nothing in it is taken for what was asked for."""


def other(value):
    """An object of an empty type with the name of the value's: the verdict is about its type. A stub stays what it is."""
    if value is None or value is ... or value is NotImplemented:
        return value
    return type(type(value).__name__, (), {})()
