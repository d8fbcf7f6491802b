"""What leaves: how it is built, signed, limited, delivered and tried again."""
