"""Giving prospects to sales: the dossier, whose turn it is, telling them, and what they answer."""
