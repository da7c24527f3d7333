"""`nurture` as a process of its own, without a second of imports for each: forked from one that has them.

The guides' commands are run by a shell, a hundred of them in all. The shell finds a small `nurture` first in
its PATH, which asks the hatchery for a process, hands it its arguments, folder, environment and the three
standard files, and ends as that one ends. What the installed `nurture` does by itself is claimed by the
README's test, which has no hatchery.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent

_CLIENT = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as hatchery:
    hatchery.connect({address!r})
    told = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(hatchery, [len(told).to_bytes(4, "big")], [0, 1, 2])
    hatchery.sendall(told)
    sys.exit(int(hatchery.recv(4) or b"1"))
"""


@contextmanager
def a_hatchery(folder: Path) -> Iterator[Path]:
    """The folder in which its `nurture` is; both are gone at the end."""
    address = folder / "hatchery"
    executable = folder / "nurture"
    executable.write_text(_CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    executable.chmod(0o755)
    code = f"from tests.docs.hatchery import serve; serve({str(address)!r})"
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        yield folder
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.communicate()


def serve(address: str) -> None:
    """Answers for as long as it lives; says `ready` once it does."""
    _import_all()
    sys.path.remove("")  # the installed command finds nothing in the folder that it is called in
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        os.write(1, b"ready\n")
        while True:
            asker, _ = listener.accept()
            with asker:
                if os.fork() == 0:
                    listener.close()
                    _wait_for_one(asker)


def _import_all() -> None:
    """What commands import when they are run; but not what learning alone does: it starts threads."""
    import nurture

    for module in pkgutil.walk_packages(nurture.__path__, "nurture."):
        if not module.name.startswith(("nurture.learn", "nurture.store.migrations", "nurture.testing")):
            importlib.import_module(module.name)


def _wait_for_one(asker: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, files, *_ = socket.recv_fds(asker, 4, 3)
    told = b""
    while len(told) < int.from_bytes(size, "big"):
        told += asker.recv(1 << 16)
    arguments, place, environment = json.loads(told)
    child = os.fork()
    if child == 0:
        asker.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(place)
        os.environ.clear()
        os.environ.update(environment)
        os._exit(_run(arguments))
    for file in files:
        os.close(file)
    _, status = os.waitpid(child, 0)
    asker.sendall(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _run(arguments: list[str]) -> int:
    from nurture.cli import main

    sys.argv = ["nurture", *arguments]
    status: object = 0
    try:
        main()
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status if isinstance(status, int) else int(status is not None)
