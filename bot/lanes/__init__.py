"""Who goes next: which engine serves a place, one turn at a time in a conversation, bounded waiting."""
