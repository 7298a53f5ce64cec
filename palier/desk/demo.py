"""The demonstration: one account per place and role, and invented households. Never anybody real.

Everything goes through the same services as the pages, so that a demonstration file has its history, its score and
its duties like any other. Made once: a second run finds the households already there and touches nothing.
"""

import base64
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID, uuid5

from palier.accounts import api as accounts
from palier.demand import api as demands
from palier.demand.api import (
    Address,
    Answer,
    AnswerGiven,
    Decision,
    DecisionTaken,
    Dwelling,
    EventType,
    Grounds,
    Household,
    Identity,
    MemberContent,
    Motive,
    Offer,
    Payload,
    Resources,
    Rubric,
    Section,
    Situation,
    Sought,
    Work,
    enter_event,
    fingerprint,
    record_proof,
    settle_reception,
)
from palier.people.api import MemberRole
from palier.territory.api import (
    Place,
    Role,
    Territory,
    actor_of,
    current_memberships,
    grant,
    visible_organisations,
    visible_places,
)

PASSWORD = "marche-palier-escalier-2026"  # noqa: S105 (shown to everybody, on this machine only)
SPACE = UUID("6f1c9a52-0f43-4a3e-9c1b-5a1d5e1c0de0")
FAMILIES = (
    "Exemple", "Factice", "Modèle", "Fictif", "Inventé", "Démonstration", "Essai", "Imaginaire",
    "Exemple-Dubois", "Test-Kowalczyk", "Modèle-Haddad", "Inventé-Leroy", "Factice-Nowak", "O’Fictif", "N’Guyen-Essai",
)  # fmt: skip
WOMEN = ("Aline", "Berthe", "Chloé", "Djamila", "Élodie", "Fatou", "Ginette", "Hélène", "Inès", "Jeanne", "Ludivine")
MEN = ("Achille", "Bilal", "Célestin", "Denis", "Émile", "Farid", "Gaspard", "Hugo", "Ivan", "Jérôme", "Łukasz")
# Agents have families of their own, so that nobody takes one for a household; none like a word of PASSWORD.
AGENTS = (
    "Factice-Guichet", "Modèle-Accueil", "Exemple-Entrée", "Fictif-Perron",
    "Essai-Couloir", "Test-Rampe", "Inventé-Seuil",
)  # fmt: skip
HOUSEHOLDS = 48
# The first household comes a second time, its name misspelt: somebody to find among doubles.
TWICE = 45
# Demands older than this at the busy desk have been to a commission.
LANDLORD = "sia-carvin"
OLD = timedelta(days=300)
STORIES: tuple[tuple[tuple[int, EventType, Payload], ...], ...] = (
    ((24, EventType.DECISION, DecisionTaken(typology="T3", decision=Decision.RANKED, rank=2)),),
    ((41, EventType.DECISION, DecisionTaken(decision=Decision.NOT_GRANTED, ground="Logement trop petit")),),
    (
        (38, EventType.DECISION, DecisionTaken(typology="T4", decision=Decision.GRANTED)),
        (36, EventType.OFFER, Offer(typology="T4", days=10)),
        (29, EventType.ANSWER, AnswerGiven(answer=Answer.REFUSED, motive=Motive.TRANSPORT)),
    ),
)


@dataclass(frozen=True)
class Account:
    """One demonstration account."""

    email: str
    name: str
    role: Role
    place: Place | None
    organisation: Any


def wanted_accounts(territory: Territory) -> Iterator[Account]:
    """One agent per place of the network, then those who steer, protect data and manage accounts."""
    for index, place in enumerate(place for place in visible_places(territory.pk) if place.level):
        role = Role.REGISTRAR if place.level == 2 else Role.INFORMER
        yield Account(f"{place.slug}@demo.palier.test", _agent_name(index), role, place, place.organisation)
    desk = next((place for place in visible_places(territory.pk) if place.level == 2 and place.commune_id), None)
    if desk:
        yield Account("counter@demo.palier.test", "Guichetière Modèle", Role.COUNTER, desk, desk.organisation)
    pilot = next(o for o in visible_organisations(territory.pk) if o.kind == "epci")
    # Two who steer: a grid comes into force by two persons.
    for login, name, role in (
        ("coordinator", "Pilote Fictive", Role.COORDINATOR),
        ("coordinator-2", "Copilote Inventé", Role.COORDINATOR),
        ("auditor", "Déléguée Inventée", Role.AUDITOR),
        ("administrator", "Admin Modèle", Role.ADMINISTRATOR),
    ):
        yield Account(f"{login}@demo.palier.test", name, role, None, pilot)


def _agent_name(index: int) -> str:
    """An invented name; the first 154 agents all have different ones."""
    first_names = WOMEN + MEN
    return f"{first_names[index % len(first_names)]} {AGENTS[index % len(AGENTS)]}"


def totp_secret(email: str) -> str:
    """A secret of 32 base32 characters, the same at each run, so that a phone enrolled once keeps working."""
    return base64.b32encode(hashlib.sha256(f"palier-demo:{email}".encode()).digest()[:20]).decode()


def make_accounts(territory: Territory, on: date) -> int:
    """Create the accounts that do not exist yet. Returns how many were made."""
    known = {row["login"] for row in accounts.demo_accounts()}
    made = 0
    for account in wanted_accounts(territory):
        if account.email in known:
            continue
        user = accounts.create_demo_account(
            account.email,
            account.name,
            PASSWORD,
            totp_secret(account.email),
            role=str(account.role.label),
            organisation=account.organisation.name,
            place=account.place.name if account.place else "",
        )
        grant(user.pk, account.organisation, account.place, account.role, since=on - timedelta(days=365))
        made += 1
    return made


def make_households(territory: Territory, on: date, say: Callable[[str], None]) -> int:
    """Open, fill and register invented demands at the desks of the network. Returns how many were made."""
    random = Random(246200299)  # noqa: S311 (invented households, the same everywhere)
    desks = [place for place in visible_places(territory.pk) if place.level == 2 and place.commune_id]
    # A third of the households at one desk, the first of the list of accounts, so that its day is a real day.
    busy = next((desk for desk in desks if desk.slug == "mairie-carvin"), desks[0])
    communes = [commune.insee for commune in territory.communes.order_by("insee")]
    stories = iter(STORIES)
    first: Identity | None = None
    for index in range(HOUSEHOLDS):
        desk = busy if index % 3 == 0 else desks[index % len(desks)]
        user = accounts.User.objects.get(email=f"{desk.slug}@demo.palier.test")
        actor = actor_of(current_memberships(user.pk, on)[0])
        registered = on - timedelta(days=random.choice((0, 1, 2, 3, 5, 8, 11, 15, 18, 22, 26, 29, 31, 34, 75)))
        filed = registered - timedelta(days=random.choice((0, 0, 0, 30, 200, 420, 800, 1200, 1900)))
        rubrics = dict(_rubrics(random, index, on, desk.commune.insee if desk.commune else communes[0], communes))
        identity = rubrics.pop(Section.IDENTITY)
        assert isinstance(identity, Identity)
        first = first or identity
        if index == TWICE:
            identity = first.model_copy(update={"birth_name": "Exempel"})
        phone = f"06 00 00 {index:02d} {random.randrange(100):02d}"
        demand = demands.create_draft(actor, identity, phone, uuid5(SPACE, f"{territory.siren}-{index}"), registered)
        for section, rubric in rubrics.items():
            if section == Section.ADDRESS:
                rubric = rubric.model_copy(update={"phone": phone})
            stored = demand.answers.rubric(section)
            demand = demands.save_rubric(actor, demand.pk, section, rubric, fingerprint(stored), registered)
        if index % 12 == 11:
            continue
        nud = "" if index % 4 == 3 else f"062{filed:%m%y}{900000 + index}G{1000 + index}"
        demand = demands.register(actor, demand.pk, filed_on=filed, nud=nud, on=registered)
        if index % 3 == 0 and demand.declared is not None:
            for criterion in ("structure", "expulsion"):
                record_proof(actor, demand.pk, criterion, seen=True, on=registered)
        if index % 5 == 2:
            settle_reception(actor, demand.pk, "received", min(registered + timedelta(days=12), on), on)
        if desk == busy and on - filed > OLD and not demand.household.protected:
            _follow(demand.pk, next(stories, ()), on)
    say(f"{HOUSEHOLDS} ménages inventés sont prêts.")
    return HOUSEHOLDS


def _follow(demand: int, story: Sequence[tuple[int, EventType, Payload]], on: date) -> None:
    """What a landlord of the network noted of a demand, some days ago."""
    for days, event, payload in story:
        user = accounts.User.objects.get(email=f"{LANDLORD}@demo.palier.test")
        landlord = actor_of(current_memberships(user.pk, on)[0])
        enter_event(landlord, demand, event, payload, occurred_on=on - timedelta(days=days), on=on)


def _rubrics(
    random: Random, index: int, on: date, commune: str, communes: list[str]
) -> Iterator[tuple[Section, Rubric]]:
    woman = random.random() < 0.6
    family = FAMILIES[index % len(FAMILIES)]
    born = date(on.year - random.randint(19, 74), random.randint(1, 12), random.randint(1, 28))
    yield (
        Section.IDENTITY,
        Identity(
            civility="mrs" if woman else "mr",
            birth_name=family,
            first_names=(WOMEN if woman else MEN)[index % 11],
            birth_date=born,
            nationality=random.choice("1112"),
        ),
    )
    members = []
    if random.random() < 0.35:
        members.append(
            MemberContent(
                role=MemberRole.CO_APPLICANT,
                civility="mr" if woman else "mrs",
                birth_name=FAMILIES[(index + 4) % len(FAMILIES)],
                first_names=random.choice(MEN if woman else WOMEN),
                birth_date=born.replace(year=born.year + random.randint(-4, 4)),
            )
        )
    names = WOMEN + MEN
    for _ in range(random.choice((0, 0, 1, 1, 2, 3))):
        name = random.choice(names)
        # No brothers or sisters of one name: they would look like a mistake.
        while name in {member.first_names for member in members}:
            name = names[(names.index(name) + 1) % len(names)]
        members.append(
            MemberContent(
                role=MemberRole.DEPENDANT,
                birth_name=family,
                first_names=name,
                birth_date=date(on.year - random.randint(1, 16), random.randint(1, 10), random.randint(1, 28)),
            )
        )
    yield Section.HOUSEHOLD, Household(members=tuple(members), handicap=random.random() < 0.12)
    violence = index % 17 == 5
    yield (
        Section.ADDRESS,
        Address(line=f"{index + 1} rue de l’Exemple", postal_code="62000", town="Ville-Fictive", protected=violence),
    )
    yield (
        Section.SITUATION,
        Situation(
            family=random.choice("CMDSPUV"),
            dalo=index % 13 == 4,
            pdalhpd=False if index % 6 else None,
            violence=violence,
            forced_marriage=False,
            assault=False,
            leaving_prostitution=False,
            trafficking=False,
            child_welfare=index % 19 == 6,
            demolition=index % 23 == 7,
            disaster=False,
        ),
    )
    if index % 9 == 8:
        return
    contract = random.choice(("CDI", "CDD", "CHO", "RET", "AUT", "ETU"))
    working = contract in {"CDI", "CDD"}
    yield (
        Section.WORK,
        Work(
            contract=contract,
            commune=random.choice(communes) if working else "ailleurs",
            essential=working and random.random() < 0.2,
            insertion=working,
            long_unemployment=contract == "CHO",
        ),
    )
    income = Decimal(random.randint(650, 2400))
    yield Section.RESOURCES, Resources(rfr_n2=income * 10, monthly={"SAL" if working else "RSA": income})
    kind = random.choice(("HLM", "LP", "LP", "CP", "CPE", "SD", "SH", "HOT"))
    tenant = kind in {"HLM", "LP"}
    yield (
        Section.DWELLING,
        Dwelling(
            kind=kind,
            commune=commune if index % 7 else "ailleurs",
            type=random.choice(("T2", "T3", "T4")) if tenant else "",
            surface=Decimal(random.randint(18, 85)) if tenant else None,
            occupants=1 + len(members),
            rent=Decimal(random.randint(310, 690)) if tenant else Decimal(0),
            benefit=Decimal(random.randint(0, 240)) if tenant else None,
            unfit=index % 11 == 2,
            indecent=False if index % 5 else None,
            eviction_stage=random.choice(("aucune", "aucune", "aucune", "commandement", "assignation", "jugement"))
            if tenant
            else "aucune",
        ),
    )
    yield Section.GROUNDS, Grounds(codes=("05", "09") if tenant and index % 4 == 0 else ("13",) if tenant else ("01",))
    yield (
        Section.SOUGHT,
        Sought(
            category=random.choice("AMI"),
            types=(f"T{min(5, 2 + len(members))}",),
            communes=(commune, *([random.choice([c for c in communes if c != commune])] if index % 2 else [])),
            wider_area=index % 3 != 0,
        ),
    )
