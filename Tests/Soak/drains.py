"""Fifty drains under clients in closed loops: no request that was sent is left without an answer.

`make drains`. Eight clients ask over kept connections while the server gets SIGTERM. A request that
was sent over a connection which was open is answered; a connect that is refused breaks nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading

from quiet_server import QuietServer
from raw_connection import RawConnection, post
from running_server import eventually, request_body

CLIENTS = 8
REQUEST = post(json.dumps(request_body([[0.5] * 64], "digits-hetxl", top_k=3)).encode())


class Client:
    """Asks in a closed loop until nobody listens."""

    def __init__(self, server: QuietServer):
        self.server = server
        self.answers = 0
        self.faults: list[str] = []
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        while not self.faults:
            try:
                connection = RawConnection(self.server)
            except OSError:
                return
            with connection:
                try:
                    self.ask(connection)
                except Exception as fault:
                    self.faults.append(f"answer {self.answers}: {fault!r}")

    def ask(self, connection: RawConnection) -> None:
        """Until the server says that this was the connection's last answer."""
        while True:
            connection.send(REQUEST)
            answer = connection.response()
            if answer.status != 200:
                raise AssertionError(answer)
            self.answers += 1
            if answer.headers.get("connection") == "close":
                return


def drain(number: int) -> tuple[int, list[str]]:
    """Answers of all clients, and requests that had none; the signal comes ever later."""
    with QuietServer("--drain-delay", "0s") as server:
        clients = [Client(server) for _ in range(CLIENTS)]
        eventually(
            lambda: all(client.answers > number or client.faults for client in clients), "answers")
        server.terminate()
        code = server.exit_code()
        for client in clients:
            client.thread.join()
    faults = [fault for client in clients for fault in client.faults]
    if code != 0:
        faults.append(f"the server ended with {code}")
    return sum(client.answers for client in clients), faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="drains", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=50, help="drains (%(default)s)")
    options = parser.parse_args()
    answers, broken = 0, []
    for number in range(options.count):
        count, faults = drain(number)
        answers += count
        broken += [f"drain {number}: {fault}" for fault in faults]
    print(f"{options.count} drains, {answers} answers, {len(broken)} requests broken")
    for fault in broken:
        print(f"BROKEN: {fault}")
    return 1 if broken or not answers else 0


if __name__ == "__main__":
    sys.exit(main())
