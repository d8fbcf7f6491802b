"""Tests: core, edge and app mirror the package; servers holds the mail servers they talk to."""
