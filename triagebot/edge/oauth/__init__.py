"""OAuth 2.0 over HTTPS, and the files that keep sign-ins. No token is ever in a log, a sentence or a traceback."""
