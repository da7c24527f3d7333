"""The findings about mails: what their readers, or their readers' programs, would trip over.

Numbered as those of `codes`. All are warnings: such a mail can be sent.
"""

from __future__ import annotations

from nurture.language.catalogue import define

NO_ALT = define(
    "N430",
    "Picture without a text",
    "Many programs show pictures only when asked to, and some people have theirs read aloud: `alt` "
    "says what is "
    'to be seen. A picture that only decorates has `alt=""`.',
    "warning",
)
NOT_HTTPS = define(
    "N431",
    "Link or picture without https",
    "Browsers warn of addresses that begin with http://, filters distrust them, and anybody on the "
    "way can read "
    "and change what is there.",
    "warning",
)
NO_SIZE = define(
    "N432",
    "Picture without a size",
    "Without a `width` Outlook shows a picture at its full size, and the text jumps while pictures load.",
    "warning",
)
TOO_LARGE = define(
    "N433",
    "Longer than Gmail shows",
    "Gmail cuts off a mail whose HTML is larger than 102 KB, and with its end the link to "
    "unsubscribe and the "
    "open pixel. Measured on the mail as it would go out to a made-up contact, its links tracked.",
    "warning",
)
NOT_IN_OUTLOOK = define(
    "N434",
    "Style that Outlook ignores",
    "Outlook on Windows draws mails with Word. See the table of what it leaves out, and what to "
    "write instead.",
    "warning",
)
LIKE_SPAM = define(
    "N435",
    "Subject reads like spam",
    "Filters and people alike know the phrases of advertising, words in capitals and rows of "
    "exclamation marks.",
    "warning",
)
LOW_CONTRAST = define(
    "N436",
    "Text hard to read",
    "The colours of text and background differ too little: WCAG 2.2 (1.4.3) asks for 4.5:1, or 3:1 "
    "for text of "
    "24 pixels and more, or bold from 18.66. Computed where both colours are known.",
    "warning",
)
SAYS_NOTHING = define(
    "N437",
    "Link that says nothing",
    "Who jumps from link to link, or has them read aloud, learns nothing from “click here”. The "
    "text of a link "
    "says where it leads.",
    "warning",
)
NO_PREHEADER = define(
    "N438",
    "No preheader",
    "Beside the subject, mail programs show the beginning of a mail. `preheader` in the front "
    "matter says what; "
    "without it, that is the greeting, or “view in browser”.",
    "warning",
)
NO_LANGUAGE = define(
    "N439",
    "Language not given",
    "Without `lang` a mail is read aloud with the wrong voice, and offered for translation: "
    '`<html lang="{{ words.language }}">`.',
    "warning",
)
NO_DARK_MODE = define(
    "N440",
    "Nothing said of dark mode",
    "Without `color-scheme` in a meta element or a style sheet, programs in dark mode invert the "
    "colours as they "
    "see fit.",
    "warning",
)
NOT_ENCODED = define(
    "N441",
    "Value in an address as it is",
    "A space, & or # in what somebody filled in would cut the address off, or change where it leads. "
    "`urlencode` makes a value of it.",
    "warning",
)
