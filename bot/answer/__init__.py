"""A question → prompt → agent → a delivery: `turn` makes one answer, `answers` owns all that are under way."""
