"""What the model may call. A new tool is one file here and one line below; docs/adding-a-tool.md walks through it."""

from bot.ports.tool import AnyTool
from tools.calculator import calculator
from tools.choose import choose
from tools.clock import clock
from tools.dice import roll
from tools.knowledge import search_knowledge
from tools.look_again import look_again
from tools.translate import translate

TOOLS: tuple[AnyTool, ...] = (calculator, choose, clock, look_again, roll, search_knowledge, translate)
