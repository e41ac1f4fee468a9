"""What some tests need from the account that runs them."""

import os

import pytest

# A worker hides its memory from all others, its own user included.
only_root_looks_inside = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a worker")
