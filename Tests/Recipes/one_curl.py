"""README's recipe that labels a text with an encoding program and one curl."""

import re
import shlex
import sys

from document import README, blocks

RECIPE = "Text to labels"
LINE = re.compile(r"^python3 (encode\.py .*)$", re.MULTILINE)


def program():
    """The program that encodes its arguments."""
    return next(block for block in blocks(README.read_text(), "python") if "sys.argv" in block)


def command():
    """The shell's line, for the Python that runs now."""
    return f"{shlex.quote(sys.executable)} {LINE.search(README.read_text()).group(1)}"


def text():
    """The text that the line asks about."""
    return shlex.split(command())[2]
