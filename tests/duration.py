"""Says at the end how long bin/test took in all, just above pytest's own last line."""

import os
import time

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    begin = os.environ.get("TACIT_TEST_BEGIN", "")
    if begin.isdigit():
        terminalreporter.write_line(f"bin/test took {time.time() - int(begin):.0f} s in all")
