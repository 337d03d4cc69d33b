"""A small site that stands for the portal: it serves given pages and notes what is sent to it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from cli.maildir_server import Maildir


@dataclass
class Site:
    """Pages by path, and the forms that came in."""

    pages: dict[str, str] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""

    def sent_to(self, path: str) -> list[dict[str, str]]:
        return [values for where, values in self.sent if where == path]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            page = site.pages.get(self.path.partition("?")[0])
            self._answer(404 if page is None else 200, page or "")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            path = self.path.partition("?")[0]
            site.sent.append((path, dict(parse_qsl(body, keep_blank_values=True))))
            self._answer(site.refused.get(path, 303), site.pages.get(f"{path}/refused", ""))

        def _answer(self, status: int, page: str) -> None:
            body = page.encode()
            self.send_response(status)
            if status == 303:
                self.send_header("Location", f"{self.path}/done")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def maildir(tmp_path: Path) -> Maildir:
    return Maildir(tmp_path / "mail")


@pytest.fixture
def post(maildir: Maildir) -> Callable[..., None]:
    """Files a mail in the form in which the network sends it."""

    def post(kind: str, to: str, subject: str, *urls: str) -> None:
        lines = [f"X-Youth-Hub-Kind: {kind}", f"Subject: {subject}", f"To: {to}", "", "你好：", *urls]
        maildir.file("hubs@youth-hubs.example", [to], "\r\n".join(lines).encode())

    return post
