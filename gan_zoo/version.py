"""The version of this package; nothing else, so that every layer may import it."""

VERSION = "0.1.0"
