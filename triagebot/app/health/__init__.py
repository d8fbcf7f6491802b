"""How the desk is, and who is told when something breaks: status, alerts, watchdog, canary."""
