"""A model that was talked into anything, in the whole house, and a judge who knows who may read what."""
