"""Keeping the store: backup, restore, moving to another store, checking. Works through the ports."""
