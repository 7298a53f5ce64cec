"""A forgotten password: the same answer for all, a link that serves once, and the second factor still asked."""

import re
import time

import pytest
import time_machine
from django.core import mail
from django.test import Client

from palier.accounts import services
from palier.accounts.models import User
from tests.accounts.journey import LOGIN, SECOND, give_password, is_open, log_in, make_professional

pytestmark = pytest.mark.django_db
ASK = "/compte/mot-de-passe/oublie/"
NEW = "grue tournesol sable piano"


def ask(user: User) -> str:
    """The path in the letter."""
    mail.outbox.clear()
    Client().post(ASK, {"email": user.email})
    found = re.search(r"https?://[^/]+(/compte/mot-de-passe/choisir/\S+)", str(mail.outbox[0].body))
    assert found
    return found[1]


def choose(client: Client, path: str, password: str = NEW) -> str:
    answer = client.get(path)
    if answer.status_code != 302:
        return str(answer.content.decode())
    form = answer["Location"]
    done = client.post(form, {"password1": password, "password2": password})
    return str(done["Location"]) if done.status_code == 302 else str(done.content.decode())


def test_the_answer_is_the_same_whether_the_address_has_an_account_or_not() -> None:
    user, closed = make_professional(), make_professional(is_active=False)
    pages = set()
    for address in (user.email, closed.email, "inconnu@exemple.test"):
        answer = Client().post(ASK, {"email": address}, follow=True)
        pages.add(re.sub(rb'csrfmiddlewaretoken" value="[^"]*"', b"", answer.content))
    assert len(pages) == 1
    assert [letter.to for letter in mail.outbox] == [[user.email]]


def test_the_letter_is_in_french_and_says_nothing_of_the_person() -> None:
    user = make_professional(name="Agente Inventée")
    ask(user)
    letter = mail.outbox[0]
    assert letter.subject == "Palier\u00a0: choisir un mot de passe"
    assert "Ce lien sert une fois, pendant une heure" in str(letter.body)
    assert user.name not in str(letter.body)


def test_the_new_password_does_not_replace_the_second_factor() -> None:
    user = make_professional()
    client = Client()
    assert choose(client, ask(user)) == "/compte/mot-de-passe/choisi/"
    assert not is_open(client)
    assert give_password(client, user, NEW)["Location"] == SECOND


def test_the_link_serves_once() -> None:
    user = make_professional()
    path = ask(user)
    choose(Client(), path)
    assert "Ce lien ne sert plus" in choose(Client(), path)


def test_the_link_dies_after_an_hour() -> None:
    path = ask(make_professional())
    with time_machine.travel(time.time() + 3700):
        assert "Ce lien ne sert plus" in choose(Client(), path)


def test_an_invitation_lives_three_days() -> None:
    user, path = services.invite("Nouvelle.Agente@exemple.test", "Agente Nouvelle")
    start = time.time()
    with time_machine.travel(start + 2.5 * 86400):
        client = Client()
        assert choose(client, path) == "/compte/mot-de-passe/choisi/"
        assert give_password(client, user, NEW)["Location"] == "/bureau/"
        assert client.get("/bureau/")["Location"] == "/compte/securite/"
    other, late = services.invite("tard@exemple.test", "Agent Tardif Exemple")
    with time_machine.travel(start + 4 * 86400):
        assert "Ce lien ne sert plus" in choose(Client(), late), other


def test_a_new_password_ends_the_wait_that_somebody_else_caused() -> None:
    user = make_professional()
    for number in range(10):
        give_password(Client(REMOTE_ADDR=f"192.0.2.{number}"), user, "pas-le-bon-mot-de-passe")
    assert "Trop d’essais" in give_password(Client(), user).content.decode()
    choose(Client(), ask(user))
    assert give_password(Client(), user, NEW)["Location"] == SECOND


def test_a_closed_account_s_link_does_not_work() -> None:
    user = make_professional()
    path = ask(user)
    services.close(user)
    assert "Ce lien ne sert plus" in choose(Client(), path)


def test_a_new_password_ends_every_session() -> None:
    user = make_professional()
    client = log_in(user)
    choose(Client(), ask(user))
    assert not is_open(client)


def test_a_predictable_new_password_is_refused_with_its_reason() -> None:
    user = make_professional()
    page = choose(Client(), ask(user), "motdepasse2026!")
    assert "trop prévisible" in page


def test_the_owner_is_told_of_the_change_by_mail() -> None:
    user = make_professional()
    choose(Client(), ask(user))
    assert "vient d’être choisi de nouveau" in str(mail.outbox[-1].body)
    assert mail.outbox[-1].to == [user.email]


def test_the_link_starts_with_the_canonical_address_whatever_the_browser_claims(settings: object) -> None:
    settings.PALIER_BASE_URL = "https://palier.exemple.fr"  # type: ignore[attr-defined]
    user = make_professional()
    Client(HTTP_HOST="localhost", HTTP_X_FORWARDED_HOST="pirate.exemple").post(ASK, {"email": user.email})
    assert "https://palier.exemple.fr/compte/" in str(mail.outbox[0].body)
    assert "pirate" not in str(mail.outbox[0].body)


@pytest.mark.parametrize("path", ["1-abc", "zzzzzzzzzzzzzzzzzzzzzz-abc-def", "0-0-0", "1-" + "a" * 500])
def test_an_invented_link_is_refused_with_a_sentence(path: str) -> None:
    answer = Client().get(f"/compte/mot-de-passe/choisir/{path}/")
    assert answer.status_code in {200, 404}
    if answer.status_code == 200:
        assert "Ce lien ne sert plus" in answer.content.decode()


def test_an_account_reset_by_the_administrator_starts_again_from_nothing() -> None:
    user = make_professional()
    client = log_in(user)
    path = services.reset(user)
    assert not is_open(client)
    assert give_password(Client(), user).status_code == 200
    fresh = Client()
    choose(fresh, path)
    give_password(fresh, user, NEW)
    assert fresh.get("/bureau/")["Location"] == "/compte/securite/"
    assert fresh.get(LOGIN).status_code == 302
