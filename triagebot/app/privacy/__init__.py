"""What is kept about people, for how long, and how they get it or end it (safety.md H)."""
