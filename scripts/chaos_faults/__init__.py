"""The parts of `scripts/chaos.py`: faults, the plugin that brings them about, and what is compared."""
