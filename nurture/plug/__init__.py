"""The plugin system: contracts, the hook catalogue and the manager."""
