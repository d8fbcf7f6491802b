"""Copies of a desk, and the proof that nothing was lost."""
