"""The campaign language: from YAML and conditions to `core.campaign`, with positions and findings."""
