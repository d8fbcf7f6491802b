"""Fault proof: the daemon is killed at every point where that could lose or double a mail (safety.md G.3)."""
