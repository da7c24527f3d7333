"""From sources to contacts: receive into the inbox, then sort (normalise, match, merge, enrich, judge)."""
