"""Following contacts: gather what is known of a batch, let the core decide, apply what it says."""
