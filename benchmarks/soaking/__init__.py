"""A small town that talks for days: who says what, and doubles of platform and engine that stay small themselves."""
