"""What every benchmark shares: its arguments, its database, and the line that other programs read.

A benchmark measures its own limit in the same run: the least that the machine must do for such work. The
ratio of the two says more than the rate, since it travels from machine to machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from nurture.testing import servers


@dataclass(frozen=True, slots=True)
class Result:
    """What was measured. `rate` and `limit` are in `unit` (rows/s); `ratio` is rate by limit."""

    name: str
    rate: float
    unit: str
    limit: float
    ratio: float
    peak_rss_mb: float
    n: int


def parser(name: str, *, n: int, about: str | None) -> argparse.ArgumentParser:
    """The arguments that all benchmarks take; add your own before parsing."""
    arguments = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=about)
    arguments.add_argument("--n", type=int, default=n, help=f"how many (default {n:,})")
    arguments.add_argument(
        "--workers", type=int, default=1, help="how many work at once, where that can be chosen"
    )
    arguments.add_argument(
        "--database",
        help="address of an empty database, or `sqlite`; default: PostgreSQL from the wheel",
    )
    arguments.add_argument("--json", action="store_true", help="print only the result, as one line of JSON")
    return arguments


@contextmanager
def database(args: argparse.Namespace) -> Iterator[str]:
    """The address of the database to measure on: the one that was asked for, else one made for this run."""
    if args.database == "sqlite":
        with tempfile.TemporaryDirectory(prefix="nurture-bench-") as folder:
            yield f"sqlite:///{Path(folder) / 'bench.db'}"
    elif args.database:
        yield args.database
    else:
        with servers.postgresql() as server, servers.database(server) as url:
            yield url


def peak_rss_mb() -> float:
    """The most memory this process has had, in MiB."""
    try:
        # ru_maxrss can be inherited from the parent across exec (Linux); VmHWM is this program's own.
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def report(
    result: Result, as_json: bool, notes: Sequence[str] = (), more: Mapping[str, float] | None = None
) -> None:
    """Prints the result; with `as_json` one line, which is the last, else the sentence and `notes` too.

    `more` are figures of this benchmark alone, behind the others in the JSON.
    """
    if as_json:
        rounded = {
            key: round(value, 3) if isinstance(value, float) else value
            for key, value in {**asdict(result), **(more or {})}.items()
        }
        print(json.dumps(rounded))
        return
    print(
        f"{result.name}: {result.rate:,.0f} {result.unit} over {result.n:,}; limit {result.limit:,.0f} "
        f"({result.ratio:.0%} of it); peak memory {result.peak_rss_mb:,.0f} MiB"
    )
    for note in notes:
        print(f"  {note}")
