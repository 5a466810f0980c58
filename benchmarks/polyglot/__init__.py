"""Chats in ninety languages and scripts, generated from real text, to hold our counts against an engine's."""
