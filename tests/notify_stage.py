"""What notifications are tried against: real sockets, a browser's keys, a clinic that may send."""

import contextlib
import json
import socketserver
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.db import transaction

from clinic.local.ports import LOOPBACK
from sessions import queries as treatments
from tests import builders
from vitals import notices
from vitals.limits import Audience, Priority
from vitals.models import Flag, Notification
from vitals.notices import Channel
from vitals.services import alerting, notifying

WORKER = {
    "NOTIFY_NETWORKS": "127.0.0.0/8",
    "NOTIFY_EVERY_S": "0.3",
    "NOTIFY_BACKOFF_S": "0.3,0.3,0.3,0.3",
    "EMAIL_FROM": "Harbor <vigil@harbor.test>",
    "PUBLIC_URL": "https://vigil.harbor.test",
}


@dataclass
class Post:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told


@dataclass
class Receiver:
    """A server on loopback. ``answers`` are given one after the other, the last for good.

    An answer is a status, or a function that is called while the sender waits and gives one.
    """

    answers: list[int | Callable[[], int]] = field(default_factory=lambda: [204])
    posts: list[Post] = field(default_factory=list)
    url: str = ""

    def next_answer(self) -> int | Callable[[], int]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextlib.contextmanager
def receiver(*answers: int | Callable[[], int]) -> Iterator[Receiver]:
    """A receiver, listening until the block ends."""
    taken = Receiver(list(answers) or [204])
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                taken.posts.append(Post(self.path, dict(self.headers), body))
                answer = taken.next_answer()
            status = answer() if callable(answer) else answer
            with contextlib.suppress(OSError):  # a sender that was killed no longer listens
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{taken.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server((LOOPBACK, 0), Handler)
    taken.url = f"http://{LOOPBACK}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Mailbox:
    """A mail server on loopback that takes everything, or refuses each address with a code."""

    port: int = 0
    refuses: int = 0
    mails: list[str] = field(default_factory=list)


@contextlib.contextmanager
def mailbox(*, refuses: int = 0) -> Iterator[Mailbox]:
    box = Mailbox(refuses=refuses)

    class Handler(socketserver.StreamRequestHandler):
        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

        def handle(self) -> None:
            self.say("220 harbor.test")
            for line in self.rfile:
                verb = line.decode().strip().upper()
                if verb.startswith("RCPT") and box.refuses:
                    self.say(f"{box.refuses} nobody of that name")
                elif verb == "DATA":
                    self.say("354 go on")
                    body = iter(self.rfile.readline, b".\r\n")
                    box.mails.append(b"".join(body).decode())
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True
        block_on_close = False

    with Server((LOOPBACK, 0), Handler) as server:
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class Browser:
    """A browser's end of web push, by the words of RFC 8291 and RFC 8188 and with no code of the sender."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None, auth: bytes = b"0123456789abcdef"):
        self.private = private or ec.generate_private_key(ec.SECP256R1())
        self.point = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.auth = auth
        self.keys = {"p256dh": _text(self.point), "auth": _text(auth)}

    def read(self, body: bytes) -> bytes:
        """The text of one pushed message. raises: InvalidTag for one that is not for this browser."""
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        secret = self.private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        key = _hkdf(self.auth, secret, b"WebPush: info\0" + self.point + sender, 32)
        content_key = _hkdf(salt, key, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, key, b"Content-Encoding: nonce\0", 12)
        return AESGCM(content_key).decrypt(nonce, sealed, None).rstrip(b"\0")[:-1]


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


# --- a clinic that may send


def sign_limits(by: Any, at: datetime) -> None:
    """A supervisor signs limits for every protocol of the clinic; sessions that began before keep theirs."""
    for protocol in treatments.current_protocols(by.clinic_id):
        builders.signed_limits(by, at, protocol=protocol.code)


def switch_on(by: Any, at: datetime, *channels: Channel) -> None:
    for channel in channels:
        alerting.switch(by=by, channel=channel, on=True, warning=notices.WARNINGS[channel], at=at)


def may_send(cast: Any, at: datetime) -> None:
    """Harbor's limits are signed and everything is switched on."""
    sign_limits(cast.supervisor, at)
    switch_on(cast.supervisor, at, *Channel)


def high_flag(cast: Any, at: datetime, *, chair: str = "1", **how: Any) -> Flag:
    """A high flag that waits for somebody, from a pressure of 207.5 in a session of the nurse's.

    What the engine itself has told of it is taken away again: each step is then called for by hand.
    """
    session = builders.dosing(cast.nurse, cast.clinic, at, chair=chair, **how)
    with transaction.atomic():
        builders.record(builders.incoming(cast.gateway, session, at, systolic=207.5, diastolic=70))
        Notification.objects.filter(session=session).delete()
    return Flag.objects.get(session=session, condition="bp-high")


def told(
    flag: Flag, at: datetime, *, step: int = 1, audience: Audience = Audience.SUPERVISORS, **how: Any
) -> int:
    """Have notifications of a flag written, as the watch does."""
    with transaction.atomic():
        return notifying.notify(
            flag.clinic_id,
            flag_id=flag.id,
            session_id=flag.session_id,
            priority=Priority(flag.priority),
            step=step,
            audience=audience,
            cause="unacknowledged",
            at=at,
            **how,
        )
