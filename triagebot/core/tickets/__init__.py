"""Work somebody is owed: how it is found again, priced, agreed to and done."""
