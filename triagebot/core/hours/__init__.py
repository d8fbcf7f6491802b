"""When work is done: calendar, planner, agenda, absences and who covers them."""
