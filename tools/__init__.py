"""What the model may call. A new tool is one file here and one line below; docs/adding-a-tool.md walks through it."""

from bot.ports.tool import AnyTool
from tools.calculator import calculator
from tools.choose import choose
from tools.clock import clock
from tools.dice import roll
from tools.history import search_history
from tools.poll import poll
from tools.reminders import cancel_reminder, list_reminders, remind

TOOLS: tuple[AnyTool, ...] = (
    calculator,
    choose,
    clock,
    roll,
    search_history,
    poll,
    remind,
    list_reminders,
    cancel_reminder,
)
