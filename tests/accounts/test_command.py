"""`accounts`: the demonstration's table, invitations, and what an administrator does from the command line."""

import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from palier.accounts import api, services
from palier.accounts.models import User
from palier.common.errors import Refusal
from palier.territory.models import Membership
from tests.accounts.journey import SECOND, give_password
from tests.factories import make_place, make_territory, make_user

pytestmark = pytest.mark.django_db
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
PASSWORD = "escalier-factice-tournesol"


@pytest.fixture(autouse=True)
def _own_data_directory(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.MODE = tmp_path, "demo"


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("accounts", *arguments, stdout=out)
    return out.getvalue()


def make_demo() -> User:
    return api.create_demo_account(
        "agent@exemple.test",
        "Agente Factice",
        PASSWORD,
        SECRET,
        role="registrar",
        organisation="CCAS d’Exemple",
        place="Guichet",
    )


def test_json_gives_all_that_a_script_needs_to_log_in() -> None:
    user = make_demo()
    (row,) = json.loads(run("--json"))
    assert set(row) == {"login", "name", "password", "totp_secret", "role", "organisation", "place"}
    client = Client()
    assert give_password(client, user, row["password"])["Location"] == SECOND
    assert client.post(SECOND, {"code": api.totp_now(row["totp_secret"])})["Location"] == "/bureau/"


def test_the_table_shows_each_account_on_a_line() -> None:
    make_demo()
    table = run()
    assert "Secret TOTP" in table
    assert "agent@exemple.test" in table.splitlines()[1]


def test_making_the_same_demonstration_account_again_changes_nothing() -> None:
    first, second = make_demo(), make_demo()
    assert first.pk == second.pk
    assert len(json.loads(run("--json"))) == 1


def test_a_code_can_be_asked_for_a_demonstration_account() -> None:
    make_demo()
    assert run("--code", "agent@exemple.test").strip() == api.totp_now(SECRET)
    with pytest.raises(CommandError, match="Aucun compte"):
        run("--code", "inconnu@exemple.test")


def test_without_demonstration_the_table_says_how_to_make_one() -> None:
    assert "make demo" in run()


def test_the_passwords_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    make_demo()
    assert stat.S_IMODE((tmp_path / "demo-accounts.json").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("mode", "demo"), [("production", False), ("production", True), ("development", True), ("test", True)]
)
def test_outside_the_demonstration_it_refuses_with_a_sentence(settings: Any, mode: str, demo: bool) -> None:
    make_demo()
    settings.MODE, settings.PALIER_DEMO = mode, demo
    with pytest.raises(CommandError, match="qu’en mode démonstration") as refusal:
        run("--json")
    assert refusal.value.returncode == 1


def test_a_demonstration_account_is_never_made_outside_the_demonstration(settings: Any) -> None:
    settings.PALIER_DEMO = False
    with pytest.raises(Refusal):
        make_demo()
    assert not User.objects.exists()


def test_an_invitation_makes_the_account_its_membership_and_a_link() -> None:
    place = make_place(make_territory())
    out = run(
        "invite",
        "Nouvelle@Exemple.test",
        "--name=Agente Nouvelle",
        f"--organisation={place.organisation.slug}",
        "--role=registrar",
        f"--place={place.slug}",
    )
    user = User.objects.get(email="nouvelle@exemple.test")
    assert not user.has_usable_password()
    assert Membership.objects.get(user=user).place == place
    assert "/compte/mot-de-passe/choisir/" in out


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"--role": "roi"}, "Rôle inconnu"),
        ({"--organisation": "personne"}, "Aucun organisme"),
        ({"--place": "nulle-part"}, "pas de lieu"),
    ],
)
def test_a_wrong_invitation_makes_nothing(change: dict[str, str], sentence: str) -> None:
    place = make_place(make_territory())
    options = {"--name": "Agente Nouvelle", "--organisation": place.organisation.slug, "--role": "registrar", **change}
    with pytest.raises(CommandError, match=sentence):
        run("invite", "nouvelle@exemple.test", *(f"{name}={value}" for name, value in options.items()))
    assert not User.objects.exists()


def test_an_address_is_invited_once() -> None:
    place = make_place(make_territory())
    make_user(email="deja@exemple.test")
    with pytest.raises(CommandError, match="déjà un compte"):
        run("invite", "DEJA@exemple.test", "--name=X", f"--organisation={place.organisation.slug}", "--role=registrar")


def test_an_account_is_closed_reopened_and_reset_from_the_command_line() -> None:
    user = make_user()
    run("close", user.email)
    user.refresh_from_db()
    assert not user.is_active
    run("reopen", user.email)
    assert "/choisir/" in run("reset", user.email)
    user.refresh_from_db()
    assert user.is_active
    assert not user.has_usable_password()
    with pytest.raises(CommandError, match="Aucun compte"):
        run("close", "inconnu@exemple.test")


def test_two_accounts_never_share_an_address_whatever_its_case() -> None:
    from django.db import IntegrityError, transaction

    make_user(email="agent@exemple.test")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="AGENT@exemple.test", name="Agente Double")
    assert services.demo_accounts() == []
