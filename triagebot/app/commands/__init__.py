"""The developer's answers: which are believed, what they do, and the mail that says what was done."""
