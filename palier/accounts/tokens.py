"""One-time links: an hour to choose a new password, three days for an invitation."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils.http import base36_to_int

from palier.accounts.models import User

RESET_SECONDS = 3600


class TokenGenerator(PasswordResetTokenGenerator):
    """Links die when used, when the password or the address changes, and with age.

    PASSWORD_RESET_TIMEOUT (three days) holds for an invited person, who has no password yet.
    """

    def check_token(self, user: User | None, token: str | None) -> bool:
        if user is None or not user.is_active or not super().check_token(user, token):
            return False
        age = self._num_seconds(self._now()) - base36_to_int(str(token).split("-")[0])
        return age <= RESET_SECONDS or not user.has_usable_password()


token_generator = TokenGenerator()
