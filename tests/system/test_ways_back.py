"""From the mail that goes out to the bounce that comes back: real processes, real conversations."""

from __future__ import annotations

import smtplib
from pathlib import Path

from nurture.store import schema
from nurture.testing.smtp import smtp_server
from tests.deliver.returns import mail
from tests.system.world import eventually, free_port, world

RETURNS = "bounces.firm.example"
REPORT = "<x@example.com>:\nRemote host said: 550 5.1.1 no such user"


def test_a_bounce_finds_its_way_from_the_listener_to_the_suppression_list(tmp_path: Path) -> None:
    with smtp_server() as server, world(tmp_path / "workspace", smtp=server.port) as made:
        port = free_port()
        made.environment |= {
            "NURTURE_MAIL__RETURN_PATH": RETURNS,
            "NURTURE_BOUNCES__MAILDIR": "back",
            "NURTURE_BOUNCES__LISTEN": f"127.0.0.1:{port}",
        }
        made.import_people(2)
        process = made.start("run")
        process.expect(f"lmtp: 127.0.0.1:{port}")
        assert eventually(lambda: len(server.journal) == 2, 30), process.said()
        sender = server.journal[0].sender
        assert sender.endswith(f"@{RETURNS}")
        report = mail(REPORT, From="MAILER-DAEMON@mx.example.com", To=sender, Subject="failure notice")
        with smtplib.LMTP("127.0.0.1", port) as client:
            client.sendmail("", [sender], report)
        assert eventually(lambda: made.count(schema.suppression) == 1, 30), process.said()
        assert eventually(lambda: len(list((made.folder / "back" / "cur").iterdir())) == 1, 10)
        assert process.stop() == 0
