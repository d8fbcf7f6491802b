"""How the desk gets into its mail accounts: connections, tokens and signing in."""
