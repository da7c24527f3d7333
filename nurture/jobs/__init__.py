"""Dramatiq: the broker is a doorbell. What is to be done stands in the database."""
