"""Views of a W&B project as code: what stands in them, how they are built, and the command that does."""
