# JupyterHub for Seeing Gradients. docs/jupyterhub.md walks through it; all settings of JupyterHub can be added below.
from seeing_gradients.classroom.hub import classroom

c = get_config()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]  # JupyterHub provides it
classroom(c, course="gradients", exchange="/srv/nbgrader/exchange", lang="en")

# The site decides who may log in; until it does, JupyterHub does not start.
# c.JupyterHub.authenticator_class = "pam"  # accounts of this machine; or oauthenticator, ldapauthenticator, LTI
# c.Authenticator.allowed_users = {"alice", "bob"}

# The site decides where a student's server runs. JupyterHub's default, a process under the account of the same name,
# needs root and sets no limit to CPU; systemdspawner, dockerspawner and kubespawner do.
# c.JupyterHub.spawner_class = "systemd"
# c.Spawner.mem_limit = "1G"
# c.Spawner.cpu_limit = 1.0
