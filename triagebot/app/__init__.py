"""Short loops that gather, ask core and apply; all wiring is here."""
