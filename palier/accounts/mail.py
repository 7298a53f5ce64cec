"""Mail sent beside the answer, so that the time of a page does not tell whether an account exists."""

import logging
import threading
from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import EmailMessage

_log = logging.getLogger("palier.mail")


class BackgroundBackend(EmailBackend):
    """SMTP in a thread of its own. The thread is waited for when the process ends."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        messages = list(email_messages)
        threading.Thread(target=self._send, args=(messages,), name="mail").start()
        return len(messages)

    def _send(self, messages: list[EmailMessage], **_: Any) -> None:
        try:
            super().send_messages(messages)
        except Exception:
            # Never the address nor the text: the log is not a directory of who asked for a link.
            _log.exception("un message n’a pas pu être envoyé")
