"""`triagebot demo`: a fictional desk, an embedded mail provider, and a day of mails through the real daemon."""
