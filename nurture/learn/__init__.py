"""Learns from what became of people: a points card that a salesperson can read, as a profile to publish."""
