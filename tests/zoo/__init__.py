"""Models that other people wrote, built from small configurations without a download; `make zoo` installs and records them."""
