"""Won and lost, coming back from sales and from other systems: read, matched, applied."""
