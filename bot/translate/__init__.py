"""Translation: the model translates, code sees to it that nothing but words changes."""
