"""Everything that leaves: answers, their way through the outbox, what comes back, and loops."""
