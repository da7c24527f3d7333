"""Tells Python's garbage collector to look less often, in processes that work through batches."""

from __future__ import annotations

import gc

YOUNG = 50_000
"""New objects between two looks; Python's own number is 700 (2,000 from 3.14)."""


def collect_seldom() -> None:
    """A batch makes some hundred thousand short-lived values, which reference counting frees by itself.

    With the usual threshold the collector walked all of them every few contacts: 15 % of the time of deciding
    (measured with `bench/advance`). What is loaded by now lives for ever and need not be walked at all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 50)
