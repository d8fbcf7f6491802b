"""May this mail be answered automatically? (safety.md A)"""
