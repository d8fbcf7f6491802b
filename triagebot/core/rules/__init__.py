"""What to recognise in a mail: the pattern language, the rulebook and the tests inside rules."""
