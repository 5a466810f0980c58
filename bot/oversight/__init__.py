"""What people think of answers, what staff make of it, and what is counted of a week."""
