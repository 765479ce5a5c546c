"""The zoo is collected only where its packages are installed: `make zoo`."""

from .packages import is_installed

collect_ignore = [] if is_installed() else ["test_zoo.py"]
