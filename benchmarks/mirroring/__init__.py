"""Six linked channels, people who talk, edit and delete, and a program that dies at any await."""
