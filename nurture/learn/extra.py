"""Whether what learning needs is installed: an extra, since nothing else needs it."""

from __future__ import annotations

from importlib.util import find_spec

from nurture.errors import NurtureError

NEEDED = ("numpy", "sklearn")


def check_installed() -> None:
    """Raised when a library for learning is missing: NurtureError."""
    if any(find_spec(name) is None for name in NEEDED):
        raise NurtureError(
            "learning needs scikit-learn, which is not installed",
            hint='install it: pip install "nurture[learn]"',
        )
