"""`calanque` with failpoints: FAILPOINT_LOG names a file for the moments, FAILPOINT_AT the number of the last one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.__main__ import main
from tests.failpoints.points import Points, install

if __name__ == "__main__":
    log = os.environ.get("FAILPOINT_LOG")
    install(Points(None if log is None else Path(log), int(os.environ.get("FAILPOINT_AT", "0"))))
    sys.exit(main(sys.argv[1:]))
