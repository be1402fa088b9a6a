"""Who is who: persons of several registers, organisations by name, titles of trades. Proposes; people decide; all of it can be undone."""
