"""What is done for conversations while nobody waits: `upkeep` of one conversation, `tend` decides whose turn it is."""
