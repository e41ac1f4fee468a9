"""What some tests ask of whoever runs them."""

import os

import pytest

# A worker makes itself opaque to all others, its own user included.
only_root_looks_inside = pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into a worker")
