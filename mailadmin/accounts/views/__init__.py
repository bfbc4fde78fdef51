"""Pages of people: signing in, one's own account, vacation, admins."""
