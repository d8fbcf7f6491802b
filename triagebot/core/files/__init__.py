"""What may stand in the desk's files, and how problems with them are told."""
