"""What the model may call. A new tool is one file here and one line below; docs/adding-a-tool.md walks through it."""

from bot.ports.tool import AnyTool
from tools.calculator import calculator
from tools.catch_up import catch_up
from tools.choose import choose
from tools.clock import clock
from tools.dice import roll
from tools.history import search_history
from tools.knowledge import search_knowledge
from tools.look_again import look_again
from tools.needs_human import needs_human
from tools.poll import poll
from tools.reminders import cancel_reminder, list_reminders, remind
from tools.translate import translate
from tools.web_read import web_read
from tools.web_search import web_search

TOOLS: tuple[AnyTool, ...] = (
    calculator,
    cancel_reminder,
    catch_up,
    choose,
    clock,
    list_reminders,
    look_again,
    needs_human,
    poll,
    remind,
    roll,
    search_history,
    search_knowledge,
    translate,
    web_read,
    web_search,
)
