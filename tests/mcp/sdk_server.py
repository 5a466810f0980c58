"""A tool server made with the SDK's own classes, over stdio, or over HTTP: `python -m tests.mcp.sdk_server [PORT]`."""

from __future__ import annotations

import asyncio
import sys

from mcp.server.mcpserver import Context, MCPServer
from mcp_types import CallToolResult, ImageContent, ResourceLink, TextContent

server = MCPServer("harbour", version="1")
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAADgAAAA4CAIAAAAn5KxJAAAAPUlEQVR4nO3OQQ0AMAgAsfk3DSb4kCYV0Pd7f7xnoKioqKio"
    "qKioqKioqKioqKioqKioqKioqKioqKioqKioqKiBAQG3yS0AAAAASUVORK5CYII="
)


@server.tool()
def tide(place: str, hours: int = 1) -> str:
    """Tell the tide at a place."""
    return f"{place}: rising for {hours} h"


@server.tool()
def sinks() -> str:
    """Always fails."""
    raise ValueError("the boat sank")


@server.tool()
async def waits() -> str:
    """Takes for ever."""
    await asyncio.sleep(3600)
    return "never"


@server.tool()
def chart() -> CallToolResult:
    """Gives a picture, a link and words."""
    return CallToolResult(
        content=[
            TextContent(text="the chart"),
            ImageContent(data=PIXEL, mime_type="image/png"),
            ResourceLink(name="chart", uri="https://charts.example/7", title="Chart 7"),
        ]
    )


@server.tool()
async def grows(context: Context[None, None]) -> str:
    """Adds a tool and says so."""

    def anchor() -> str:
        """Drop the anchor."""
        return "dropped"

    server.add_tool(anchor)
    await context.notify_tools_changed()
    return "grown"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
