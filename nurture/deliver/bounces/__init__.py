"""Understands what comes back: bounces of every make, complaints, auto-replies, and real replies."""
