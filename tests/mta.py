"""Mail servers of the real world for tests and benchmarks: a Postfix of our own, and Postfix's test sink.

Both listen on this machine only, keep everything in a folder of the test, and stop with their block.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.relay import free_port

POSTFIX, SINK = "/usr/sbin/postfix", "/usr/sbin/smtp-sink"
HAS_POSTFIX = Path(POSTFIX).exists() and os.geteuid() == 0
MAIN_CF = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.test
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_delay_reject = no
disable_dns_lookups = yes
maillog_file = {folder}/mail.log
maillog_file_prefixes = /tmp, /var
in_flow_delay = 0
queue_run_delay = 2
minimal_backoff_time = 2
maximal_backoff_time = 4
default_destination_recipient_limit = 1
default_transport = {transport}
relay_transport = {transport}
"""
MASTER_CF = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix: where it listens, and the log in which a Message-ID can be found."""

    folder: Path
    port: int

    @property
    def log(self) -> Path:
        return self.folder / "mail.log"

    def command(self, word: str) -> None:
        """Run `postfix WORD` on this instance: reload, stop, start, abort."""
        subprocess.run(
            [POSTFIX, "-c", str(self.folder / "etc"), word],
            check=word != "stop",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
        )

    def wait(self) -> None:
        wait_for(self.port)


@contextmanager
def running_postfix(folder: Path, *, next_hop: int | None = None) -> Iterator[Postfix]:
    """Run a Postfix that hands on to the server on port `next_hop`, or throws mail away."""
    server = Postfix(folder, free_port())
    for part, owner in (("etc", "root"), ("queue", "root"), ("data", "postfix")):
        (folder / part).mkdir(parents=True)
        shutil.chown(folder / part, owner)
    for path in (folder, *folder.parents[: len(folder.parents) - 2]):
        path.chmod(path.stat().st_mode | 0o055)  # the log and the queue are reached by user postfix
    transport = "discard:" if next_hop is None else f"smtp:[127.0.0.1]:{next_hop}"
    (folder / "etc/main.cf").write_text(MAIN_CF.format(folder=folder, transport=transport), encoding="ascii")
    (folder / "etc/master.cf").write_text(MASTER_CF.format(port=server.port), encoding="ascii")
    server.command("start")
    try:
        server.wait()
        yield server
    finally:
        server.command("abort")


@contextmanager
def running_sink(*options: str) -> Iterator[int]:
    """Run Postfix's smtp-sink, which takes everything and keeps nothing; yield its port."""
    port = free_port()
    command = [SINK, "-u", "nobody", *options, f"127.0.0.1:{port}", "1000"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, seconds: float = 20.0) -> None:
    """Wait until something listens on `port` of this machine."""
    end = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1.0):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
