"""Who a mail provably comes from, and which client that is. (safety.md B.2, D)"""
