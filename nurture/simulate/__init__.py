"""A campaign tried out before anybody gets a mail: over a whole list on a virtual clock, and case by case."""
