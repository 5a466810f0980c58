"""`calanque` with failpoints: FAILPOINT_LOG names a file for the moments, FAILPOINT_AT the last one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.__main__ import main
from bot.support import settling
from tests.failpoints.points import Points, install

SETTLE_SECONDS = 0.5
"""Instead of the seconds in which somebody may go on: nobody types here."""

if __name__ == "__main__":
    settling.SETTLE_SECONDS = SETTLE_SECONDS
    log = os.environ.get("FAILPOINT_LOG")
    install(Points(None if log is None else Path(log), os.environ.get("FAILPOINT_AT", "0")))
    sys.exit(main(sys.argv[1:]))
