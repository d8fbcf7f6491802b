"""Minutes and money in daily use: booking, accounts, statements and invoices."""
