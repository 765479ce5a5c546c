"""The settings of nbgrader on a student's server: the course and the exchange, from the hub's environment variables."""

import os

from nbgrader.utils import get_osusername

c = get_config()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]  # nbgrader provides it
c.Exchange.root = os.environ["SEEING_GRADIENTS_EXCHANGE"]
c.CourseDirectory.course_id = os.environ["SEEING_GRADIENTS_COURSE"]
if os.environ["JUPYTERHUB_USER"] != get_osusername():  # the servers share one account, as in containers
    c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
