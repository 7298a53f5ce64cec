"""Mail leaves beside the answer: its time tells nothing, and its failure stops nobody."""

import logging
import threading
import time
from unittest.mock import patch

import pytest
from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend

from palier.accounts.mail import BackgroundBackend

LETTER = EmailMessage("Palier", "texte", "palier@exemple.test", ["agente@exemple.test"])


def wait() -> None:
    for thread in threading.enumerate():
        if thread.name == "mail":
            thread.join(5)


def test_a_slow_mail_server_does_not_slow_the_page() -> None:
    sent = threading.Event()
    slow = threading.Event()

    def send(*_: object) -> int:
        slow.wait(5)
        sent.set()
        return 1

    with patch.object(EmailBackend, "send_messages", send):
        start = time.perf_counter()
        assert BackgroundBackend().send_messages([LETTER]) == 1
        assert time.perf_counter() - start < 1
        assert not sent.is_set()
        slow.set()
        wait()
    assert sent.is_set()


def test_a_mail_that_cannot_leave_is_noted_without_its_address(caplog: pytest.LogCaptureFixture) -> None:
    with patch.object(EmailBackend, "send_messages", side_effect=OSError("refusé")), caplog.at_level(logging.ERROR):
        BackgroundBackend().send_messages([LETTER])
        wait()
    assert "n’a pas pu être envoyé" in caplog.text
    assert "agente@exemple.test" not in caplog.text
