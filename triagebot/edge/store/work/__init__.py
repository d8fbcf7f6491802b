"""Rows of work: tickets, their offers, promises and slots, and the ledger."""
