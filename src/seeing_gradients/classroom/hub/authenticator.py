"""The authenticator of a site that has not chosen one: JupyterHub does not start, and says what to set."""

from jupyterhub.auth import Authenticator

from seeing_gradients.language import message


class NoAuthenticator(Authenticator):
    """Prevents JupyterHub from starting.

    Raises:
        SystemExit: always, when JupyterHub creates it; the message says which setting is missing.
    """

    def __init__(self, **settings: object) -> None:
        raise SystemExit(message("hub.no_authenticator"))
