"""The demo: a made-up world of people, their lead files and their behaviour, run through the real engine."""
