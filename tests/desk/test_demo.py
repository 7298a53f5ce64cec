"""The agents of the demonstration."""

from django.contrib.auth.password_validation import validate_password

from palier.accounts.models import User
from palier.desk import demo


def test_every_agent_has_an_invented_name_of_their_own_that_the_shared_password_does_not_resemble() -> None:
    names = [demo._agent_name(index) for index in range(len(demo.WOMEN + demo.MEN) * len(demo.AGENTS))]
    assert len(set(names)) == len(names) == 154
    for name in names:
        validate_password(demo.PASSWORD, User(email="agent@demo.palier.test", name=name))
