# JupyterHub for Seeing Gradients. docs/jupyterhub.md explains it; any setting of JupyterHub can be added below.
from seeing_gradients.classroom.hub import classroom

c = get_config()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]  # JupyterHub provides it
classroom(c, course="gradients", exchange="/srv/nbgrader/exchange", lang="en", students="/srv/students")

# Choose who may log in; until then JupyterHub does not start.
# c.JupyterHub.authenticator_class = "pam"  # accounts of this machine; or oauthenticator, ldapauthenticator, LTI
# c.Authenticator.allowed_users = {"alice", "bob"}

# Choose where the servers of the students run. JupyterHub's default is a process under the account of the same name; it
# needs root and does not limit CPU time. systemdspawner, dockerspawner and kubespawner do.
# c.JupyterHub.spawner_class = "systemd"
# c.Spawner.mem_limit = "1G"
# c.Spawner.cpu_limit = 1.0
