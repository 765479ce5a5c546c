"""The authenticator of a site that has not chosen one: JupyterHub ends at once and says what to set."""

from jupyterhub.auth import Authenticator

from seeing_gradients.language import message


class Undecided(Authenticator):
    """Lets nobody in.

    Raises:
        SystemExit: always, when JupyterHub makes it.
    """

    def __init__(self, **settings):
        raise SystemExit(message("hub.no_authenticator"))
