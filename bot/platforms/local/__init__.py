"""The local chat page: the reference platform, an HTTP and WebSocket server with a page that needs no build step."""
