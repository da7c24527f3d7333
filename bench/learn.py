"""How good a points card is on leads that it has not seen, for any CSV of leads with what became of them.

python -m bench.learn --train leads.csv --test others.csv --json
python -m bench.learn --train leads.csv --splits 20

The card is made by the code behind `nurture learn`, and everything about it is chosen within the leads to
learn from. Without --test the file is split by lot, 70 to 30, --splits times: mean, worst and spread.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nurture.learn.card import Card
from nurture.learn.fitting import Learned, Wishes, learn
from nurture.learn.proposal import lines_of, write_profile
from nurture.learn.quality import auc, precision_top_fifth, spread
from nurture.learn.report import header_of, make_report
from nurture.learn.table import Filling, Indices, Table
from nurture.learn.thresholds import find_thresholds
from nurture.learn.writing import subject_of

AFTER_THE_TALK = (
    "Prospect ID",
    "Lead Number",
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
    "Last Notable Activity",
)
"""In the public file of X Education: ids, and what sales wrote after the talk."""
LEARNED_FROM = 0.7
_WON = frozenset({"1", "1.0", "true", "yes", "won"})
_LOST = frozenset({"0", "0.0", "false", "no", "lost"})


def read_table(files: Sequence[Path], label: str, leave_out: Sequence[str] | None) -> Table:
    """All leads of some files as one table; a column that a file does not have is unknown of its leads."""
    left_out = {label, None, *(AFTER_THE_TALK if leave_out is None else leave_out)}
    fillings: dict[str, Filling] = {}
    won: list[bool] = []
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {label, *(leave_out or ())} - set(reader.fieldnames or ())
            if missing:
                sys.exit(f"{path}: there is no column {', '.join(sorted(missing))}")
            for number, row in enumerate(reader, 2):
                won.append(_outcome(row, label, f"{path}:{number}"))
                for name in row.keys() - left_out:
                    filling = fillings.setdefault(name, Filling())
                    filling.fill_to(len(won) - 1)
                    filling.add(row[name])
    for filling in fillings.values():
        filling.fill_to(len(won))
    columns = tuple(fillings[name].column(subject_of("answers", name)) for name in sorted(fillings))
    return Table(columns, np.array(won, dtype=bool))


def _outcome(row: Mapping[str, str], label: str, where: str) -> bool:
    text = (row[label] or "").strip().lower()
    if text in _WON or text in _LOST:
        return text in _WON
    sys.exit(f"{where}: {label} is {row[label]!r}; expected 1 or 0")


def read_both(args: argparse.Namespace) -> tuple[Table, list[tuple[Indices, Indices]]]:
    """The leads, and as row numbers which of them are learned from and which are kept apart."""
    if args.test:
        known = len(read_table([args.train], args.label, args.leave_out))
        table = read_table([args.train, args.test], args.label, args.leave_out)
        return table, [(np.arange(known), np.arange(known, len(table)))]
    table = read_table([args.train], args.label, args.leave_out)
    edge = round(len(table) * LEARNED_FROM)
    orders = [np.random.default_rng(args.seed + n).permutation(len(table)) for n in range(args.splits)]
    return table, [(order[:edge], order[edge:]) for order in orders]


def write_card(path: Path, table: Table, learned: Learned) -> None:
    """The card as the profile that `nurture learn` would propose."""
    card, thresholds = find_thresholds(learned.card, table, len(learned.card.rules))
    lines = lines_of(card, {})
    report = make_report(table, learned, lines, thresholds)
    before = {"kind": "profile", "name": "learned"}
    path.write_text(write_profile(before, lines, {}, thresholds, [*header_of(report)]), encoding="utf-8")


def figures(card: Card, unseen: Table) -> tuple[float, float]:
    """AUC, and the share won among the fifth with the most points."""
    points = card.points(unseen)
    return auc(points, unseen.won), precision_top_fifth(points, unseen.won)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.learn", description=__doc__)
    arguments.add_argument(
        "--train", type=Path, required=True, help="a CSV of leads with what became of them"
    )
    arguments.add_argument("--test", type=Path, help="others, to try the card on; default: a part of --train")
    arguments.add_argument("--label", default="Converted", help="the column with 1 for won and 0 for lost")
    arguments.add_argument(
        "--leave-out",
        nargs="+",
        metavar="COLUMN",
        help="columns not to learn from; default: those of X Education",
    )
    arguments.add_argument("--rules", type=int, default=25, help="at most so many rules")
    arguments.add_argument("--splits", type=int, default=1, help="without --test: so many splits by lot")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--card", type=Path, metavar="FILE", help="also write the (last) card as YAML")
    arguments.add_argument("--json", action="store_true", help="print only the result, as one line of JSON")
    args = arguments.parse_args()

    table, splits = read_both(args)
    found, rules = [], []
    for number, (known, unseen) in enumerate(splits, 1):
        learned = learn(table.of(known), Wishes(rules=args.rules, seed=args.seed))
        found.append(figures(learned.card, table.of(unseen)))
        rules.append(len(learned.card.rules))
        if not args.json:
            print(
                f"split {number}: AUC {found[-1][0]:.4f}, top fifth {found[-1][1]:.4f}, {rules[-1]} rules",
                flush=True,
            )
    if args.card:
        write_card(args.card, table.of(known), learned)
    area, precision = (spread(each) for each in zip(*found, strict=True))
    if not args.json and len(splits) > 1:
        for name, each in (("AUC", area), ("top fifth", precision)):
            print(
                f"{name}: {each.mean:.4f} on average, worst {each.worst:.4f}, deviation {each.deviation:.4f}"
            )
    result = {"auc": area.mean, "precision_top_fifth": precision.mean, "rules": max(rules)}
    print(json.dumps({name: round(value, 4) for name, value in result.items()}))


if __name__ == "__main__":
    main()
