"""nginx that answers with fixed bytes: what HTTP alone costs on this machine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from figures import OWN
from turns import Unavailable

PROGRAM = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin") or "nginx"
"""Debian's place for it is not in every user's path."""

CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
worker_processes {cores};
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  default_type application/json;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
{locations}
  }}
}}
"""


def command(folder: Path, port: int, cores: int, answers: dict[str, bytes]) -> list[str]:
    """Writes a configuration that answers each path with its bytes; gives how to start with it."""
    if not answers:
        raise Unavailable(f"no answer of {OWN} to repeat")
    locations = "\n".join(
        f"    location = {path} {{ return 200 {_quoted(answer)}; }}"
        for path, answer in answers.items()
    )
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(
        folder=folder, port=port, cores=cores, locations=locations))
    return [PROGRAM, "-p", str(folder), "-c", str(file)]


def _quoted(answer: bytes) -> str:
    """A string of nginx's; what would end it or be expanded in it does not occur in an answer."""
    text = answer.decode()
    if set("'$\\") & set(text):
        raise Unavailable("the answer cannot be written in nginx's configuration")
    return f"'{text}'"
