"""Tickets in daily use: the commands on them, their offers, hours, absences and duties."""
