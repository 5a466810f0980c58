"""The web beyond the house: one guard that every address passes, pages as readable text, search."""
