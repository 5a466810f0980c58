"""Tool servers of others, by the Model Context Protocol: one task owns each of them."""
