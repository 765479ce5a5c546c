"""nbgrader on a student's server: the course and the exchange that the hub names."""

import os

from nbgrader.utils import get_osusername

c = get_config()  # noqa: F821  # pyright: ignore[reportUndefinedVariable]  # nbgrader provides it
c.Exchange.root = os.environ["SEEING_GRADIENTS_EXCHANGE"]
c.CourseDirectory.course_id = os.environ["SEEING_GRADIENTS_COURSE"]
if os.environ["JUPYTERHUB_USER"] != get_osusername():  # servers that share an account, as containers do
    c.CourseDirectory.student_id = os.environ["JUPYTERHUB_USER"]
