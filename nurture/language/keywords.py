"""What each key of a document and of a step means, in a sentence: shown by editors."""

from __future__ import annotations

from collections.abc import Mapping

DESCRIPTIONS: Mapping[str, str] = {
    "kind": "What this document is: a profile, a campaign, or tests.",
    "name": "The name; letters, digits, - and _.",
    "profile": "The profile that knows the firm's customers.",
    "purpose": "The consent that every message here needs: marketing.",
    "locale": "The language of mails where the contact has none: nl, en, nl-BE.",
    "timezone": "The clock where the contact has none: Europe/Amsterdam.",
    "audience": "For whom the campaign is: a condition, and perhaps a signal or a date that lets them in.",
    "exit": "Who meets this condition leaves the campaign.",
    "policy": "When messages may go out, and how many.",
    "stages": "One track of steps for each stage of the buyer's journey.",
    "handover": "Which team gets the prospects, who is told, and what a rejection leads to.",
    "moved": "Where those go on who stand on a step that is gone: old id to new id, or to `end`.",
    "tests": "What the campaign promises; run by `nurture test`.",
    "lead": "The data that every contact needs, and what may be added.",
    "fit": "How well somebody matches what you look for: points from rules.",
    "engagement": "How the points of what they did count: how fast they fade, and how many at most.",
    "signals": "What each signal means: points, and the stage it speaks for.",
    "promote": "Who meets this condition becomes a prospect.",
}
"""Each key of a document, for whoever hovers over it."""

STEP_DESCRIPTIONS: Mapping[str, str] = {
    "id": "The step's identity: keep it once the campaign runs.",
    "send": "Sends a mail: templates/LOCALE/NAME.html and .txt.",
    "wait": "Waits: a duration, or {until: a date, a weekday and time, or a field that holds a date}.",
    "wait_for": "Waits until the condition holds, at most `up_to`.",
    "up_to": "How long to wait at most: 4d.",
    "on_timeout": "Where to go on when the time is up: a step further down, or a list of steps.",
    "choose": "The first branch whose condition holds is taken.",
    "split": "Divides people by chance that never changes; weights are percentages; `holdout` gets nothing.",
    "do": "An action, with its parameters: {tag: hot}. With `split`, the steps of each arm.",
    "goal": "Who meets the condition anywhere before this step jumps to it.",
    "exit": "Ends the campaign for this contact; say why.",
    "go_to": "Goes on at another step of the track. Back: a loop, in which time must pass.",
    "hand_over": "Gives the contact to sales at once: a team, or true for that of the campaign.",
}
"""Each key of a step."""
