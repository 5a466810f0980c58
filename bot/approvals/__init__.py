"""Which calls are carried out: the rules of a place, the rights of who asks, and buttons that a person presses."""
