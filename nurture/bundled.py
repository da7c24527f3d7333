"""Where the bundled plugins, campaigns and templates are: inside the wheel, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path


def bundled(folder: str) -> Path:
    """The folder `plugins`, `campaigns` or `templates` that Nurture brings along."""
    package = Path(__file__).parent
    in_wheel = package / "bundled_files" / folder
    return in_wheel if in_wheel.is_dir() else package.parent / folder
