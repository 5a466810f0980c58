"""A stretch of what was said becomes a delivery: points that each lead to their sources."""
