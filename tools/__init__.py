"""What the model may call. A new tool is one file here and one line below; docs/adding-a-tool.md walks through it."""

from bot.ports.tool import AnyTool
from tools.calculator import calculator
from tools.choose import choose
from tools.clock import clock
from tools.dice import roll
from tools.web_read import web_read
from tools.web_search import web_search

TOOLS: tuple[AnyTool, ...] = (calculator, choose, clock, roll, web_read, web_search)
