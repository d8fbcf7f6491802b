"""Minutes and money: what is granted, worked, expired and billed. Minutes are whole, money is Decimal."""
