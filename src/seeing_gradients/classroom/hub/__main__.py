"""`python -m seeing_gradients.classroom.hub > jupyterhub_config.py` writes a first configuration for a site."""

from pathlib import Path

print(Path(__file__).with_name("jupyterhub_config.py").read_text(encoding="utf-8"), end="")
