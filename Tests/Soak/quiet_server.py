"""A headserve process whose log is read and not kept: a long run writes gigabytes of it."""

import os
import re

from running_server import RunningServer

BLOCK = 1 << 20
ALARMS = re.compile(rb"^\S+ (?:warning|error|critical) .*$", re.MULTILINE)
RELOADED = re.compile(rb"^\S+ info reloaded\b", re.MULTILINE)


class QuietServer(RunningServer):
    """Keeps the log until the server is bound, and from then on `alarms`."""

    reload_count = 0

    def __init__(self, *arguments, **options):
        self.alarms = []
        super().__init__(*arguments, **options)

    def _read_log(self):
        """Reads blocks, which costs the load that is measured less than lines do."""
        source = self.process.stderr.fileno()
        rest = b""
        while block := os.read(source, BLOCK):
            lines, _, rest = (rest + block).rpartition(b"\n")
            self.reload_count += len(RELOADED.findall(lines))
            self.alarms += [line.decode() for line in ALARMS.findall(lines)]
            if not self._bound.is_set():
                self._note_address(lines.decode())
        self._bound.set()

    def _note_address(self, text):
        self.log.append(text + "\n")
        if address := re.search(r"(https?)://127\.0\.0\.1:(\d+)", text):
            self.scheme, self.port = address.group(1), int(address.group(2))
            self._bound.set()
