"""What tools can use: history, files, knowledge, reminders … each bound to one asker and one audience."""
