"""Django's sessions in the database, found by a read written once: every page begins with it."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from palier.common.written import Written

_held = Written(lambda key: Session.objects.filter(session_key=key))


class SessionStore(DatabaseStore):
    """The session of a key that has not expired."""

    def _get_session_from_db(self) -> Any:
        found = _held(str(self.session_key)) if self.session_key else []
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None
