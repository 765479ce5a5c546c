"""The authenticator of a site that has not chosen one: JupyterHub ends at once and says what to set."""

from jupyterhub.auth import Authenticator

from seeing_gradients.language import message


class NoAuthenticator(Authenticator):
    """Refuse every login.

    Raises:
        SystemExit: always, when JupyterHub creates it.
    """

    def __init__(self, **settings: object) -> None:
        raise SystemExit(message("hub.no_authenticator"))
