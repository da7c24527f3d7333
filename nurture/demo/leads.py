"""The demo's lead files, messy as real ones: five ways in which leads reach a small agency.

| file | what it is |
|---|---|
| website-aanvragen.csv | the old site's form, exported by Excel: semicolons, cp1252, Dutch |
| partner-lijst.csv | a partner's list: an Excel workbook that somebody renamed |
| beurs-kaartjes.vcf | business cards from a fair, of two programs |
| english-enquiries.csv | UTF-8 with a byte order mark |
| (posts) | what people fill in on the new site while the demo runs |

The same seed gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from nurture.demo.formats import cards, dutch_csv, english_csv, partner_list
from nurture.demo.mappings import MAPPINGS
from nurture.demo.mess import again, spoiled, written_phone
from nurture.demo.world import Person, Temper, World

FAIR_CARDS = 60
PARTNER_ROWS = 80
POSTS = 90
POSTED_WITHIN = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class LeadFile:
    """A file to import with the source plugin `source`, and the mapping that goes with it."""

    path: Path
    source: str
    mapping: Path


@dataclass(frozen=True, slots=True)
class Post:
    """A web form that somebody sends `after` the demo's start; `body` is JSON."""

    after: timedelta
    form: str
    body: bytes


@dataclass(frozen=True, slots=True)
class LeadFiles:
    files: tuple[LeadFile, ...]
    posts: tuple[Post, ...]


def write_lead_files(folder: Path, world: World, seed: int) -> LeadFiles:
    """Writes the files into `folder` (which is made) and gives them, with the posts that come later."""
    random = Random(f"leads {seed}")
    folder.mkdir(parents=True, exist_ok=True)
    dealt = _dealt(random, world)
    contents = (
        ("website-aanvragen.csv", "csv", dutch_csv(random, dealt.website)),
        ("partner-lijst.csv", "xlsx", partner_list(random, dealt.partner)),
        ("beurs-kaartjes.vcf", "vcard", cards(random, dealt.fair)),
        ("english-enquiries.csv", "csv", english_csv(random, dealt.english)),
    )
    files = []
    for name, source, content in contents:
        path, mapping = folder / name, folder / f"{name.partition('.')[0]}.map.yaml"
        path.write_bytes(content)
        mapping.write_text(MAPPINGS[name], encoding="utf-8")
        files.append(LeadFile(path, source, mapping))
    return LeadFiles(tuple(files), _posts(random, dealt.posts))


# --- who is in which file ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Dealt:
    website: Sequence[Person]
    partner: Sequence[Person]
    fair: Sequence[Person]
    english: Sequence[Person]
    posts: Sequence[Person]


def _dealt(random: Random, world: World) -> _Dealt:
    """Deals the people out over the files; some come twice, in one file or in two."""
    dutch = [person for person in world.people if person.country.language == "nl"]
    english = [person for person in world.people if person.country.language == "en"]
    random.shuffle(dutch)
    random.shuffle(english)
    # Who has a story comes in with the first file, so that there is time for it (and one was at the fair).
    dutch.sort(key=lambda person: person.story)
    fair, rest = dutch[:FAIR_CARDS], dutch[FAIR_CARDS:]
    partner, rest = rest[:PARTNER_ROWS], rest[PARTNER_ROWS:]
    posts, website = [*rest[: POSTS - 15], *english[:15]], rest[POSTS - 15 :]
    english = english[15:]
    return _Dealt(
        website=_with_repeats(random, website, website[:14]),
        partner=_with_repeats(random, partner, website[20:34]),
        fair=_with_repeats(random, fair, (*website[40:46], website[-1])),
        english=_with_repeats(random, english, english[:5]),
        posts=_with_repeats(random, posts, (*website[60:68], *fair[:4])),
    )


def _with_repeats(random: Random, people: Sequence[Person], twice: Sequence[Person]) -> list[Person]:
    """Spoiled at random; characters with a story stay whole."""
    rows = [person if person.story else spoiled(random, person) for person in people]
    for person in twice:
        rows.insert(random.randrange(len(rows)), again(random, person))
    return rows


# --- the web forms ----------------------------------------------------------------------------------


def _posts(random: Random, people: Sequence[Person]) -> tuple[Post, ...]:
    posts = []
    for number, person in enumerate(people):
        # People fill in forms in the evening as well as at work; to the second, so that no two come at once.
        after = timedelta(
            days=random.randrange(POSTED_WITHIN.days), seconds=random.randrange(8 * 3600, 22 * 3600)
        )
        fields = {
            "_id": f"post-{number}",
            "name": person.name,
            "email": person.email,
            "phone": written_phone(random, person),
            "company": person.company,
            "city": person.town,
            "country": person.country.code,
            "interest": person.interest,
            "budget": person.budget,
            "start": person.start,
            "role": person.role,
            "goal": person.goal,
            "employees": person.employees,
            "message": person.remark,
            "language": person.country.language,
            "consent": "marketing" if person.consent else "",
        }
        known = {name: value for name, value in fields.items() if value}
        posts.append(Post(after, "contact", json.dumps(known, ensure_ascii=False).encode()))
        if person.temper is Temper.BROWSER and random.random() < 0.1:
            # A second click on "send", a moment later: the same delivery.
            posts.append(Post(after + timedelta(seconds=2), "contact", posts[-1].body))
    return tuple(sorted(posts, key=lambda post: (post.after, post.body)))
