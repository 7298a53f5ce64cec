"""The questions of the form, in the order of the paper, and which of them a demand is asked. Pure.

A question shows a few fields of one rubric; every field of the demand belongs to one question. Those about a person are
asked of each (`Step.rank`, from 1 in the order of the household). Each decides by itself whether it is asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from palier.demand.content import Content, Dwelling, Household, Job, MemberContent, Work
from palier.demand.enums import Section
from palier.people.api import MemberRole

TECHNICAL = frozenset({"person_id", "insee"})
"""Fields that nobody types: Palier fills them."""


@dataclass(frozen=True)
class Case:
    """What a question looks at to decide whether it is asked: the demand, and the person it is about."""

    content: Content
    on: date
    member: MemberContent | None = None

    @property
    def job(self) -> Job:
        """The work of the person, or of the applicant."""
        return (self.member.job if self.member else self.content.travail) or Work()

    @property
    def dwelling(self) -> Dwelling:
        return self.content.logement or Dwelling()

    @property
    def adult(self) -> bool:
        return self.member is not None and self.member.is_adult

    @property
    def has_dependants(self) -> bool:
        return any(member.role is MemberRole.DEPENDANT for member in (self.content.menage or Household()).members)


EMPLOYED = frozenset({"CDI", "CDD", "APP"})
WORKING = EMPLOYED | {"ART"}
WITHOUT_ROOF = frozenset({"SD", "SQUAT"})
WITHOUT_LEASE = WITHOUT_ROOF | {"SH", "CDEFCM", "CPE", "CP", "HOT", "CAMCAR"}
OTHER_GROUND = "23"


def _always(case: Case) -> bool:
    return True


def _never(case: Case) -> bool:
    return False


@dataclass(frozen=True)
class Question:
    """One page of the form.

    `part`: "" for the rubric itself, « member » for who a person is, « job » or « income » for what an adult answers.
    `needed` are the fields that R441-2-2 wants to register. `inline`: it may still be asked once the rest
    of its rubric is answered, so that a page typed from paper shows it.
    """

    slug: str
    section: Section
    title: str
    fields: tuple[str, ...]
    needed: tuple[str, ...] = ()
    asked: Callable[[Case], bool] = _always
    part: str = ""
    inline: Callable[[Case], bool] = _never
    help: str = ""

    @property
    def kept_in(self) -> Section:
        """The rubric that holds the answer: what a person answers is kept with them."""
        return Section.HOUSEHOLD if self.part else self.section


# What is asked of a legal person (R441-2-2, last paragraph): a, b and h only.
OF_ORGANISATION = frozenset({Section.IDENTITY, Section.ADDRESS, Section.SOUGHT})
_JOB = {
    "emploi": ("Quelle est la situation professionnelle de {}\u202f?", ("contract",), ("contract",), None),
    "employeur": ("Où travaille {}\u202f?",
                  ("profession", "employer", "commune", "postal_code", "town", "abroad"), (), WORKING),
    "contingents": ("L’employeur de {} ouvre-t-il un droit à un logement réservé\u202f?",
                    ("action_logement", "state_agent"), (), EMPLOYED),
}  # fmt: skip


def _jobs(adult: bool) -> Iterator[Question]:
    for slug, (title, fields, needed, contracts) in _JOB.items():

        def asked(case: Case, contracts: frozenset[str] | None = contracts) -> bool:
            return (case.adult or not adult) and (contracts is None or case.job.contract in contracts)

        part, name = ("job", f"{slug}-de") if adult else ("", slug)
        yield Question(name, Section.WORK, title, fields, needed, asked, part, inline=_always if contracts else _never)


def _questions() -> Iterator[Question]:
    identity, home, address, work = Section.IDENTITY, Section.HOUSEHOLD, Section.ADDRESS, Section.WORK
    yield Question(
        "organisme", identity, "Quel organisme demande le logement\u202f?", ("organisation", "siret"),
        ("organisation",), lambda case: bool(case.content.identite.organisation),
    )  # fmt: skip
    yield Question(
        "demandeur", identity, "Qui demande le logement\u202f?",
        ("civility", "birth_name", "usage_name", "first_names", "birth_date"), ("birth_name", "birth_date"),
        lambda case: not case.content.identite.organisation,
    )  # fmt: skip
    yield Question(
        "nationalite", identity, "Quelle est la nationalité de {}\u202f?", ("nationality",), ("nationality",),
        lambda case: not case.content.identite.organisation,
    )  # fmt: skip
    yield Question("personnes", home, "Qui d’autre est à loger ou à accueillir\u202f?", ("members",), ("members",))
    yield Question(
        "personne", home, "Qui est {}\u202f?",
        ("role", "link", "civility", "first_names", "birth_name", "birth_date"), ("role", "birth_date"), part="member",
        help="Pour un enfant en garde alternée ou en droit de visite, le nom n’est pas nécessaire.",
    )  # fmt: skip
    yield Question(
        "sexe-de", home, "Quel est le sexe de {}\u202f?", ("sex",), (),
        lambda case: not case.adult, "member", inline=_always,
    )  # fmt: skip
    yield Question(
        "coordonnees-de", home, "Nationalité et contact de {}", ("usage_name", "nationality", "phone", "email"), (),
        lambda case: case.adult, "member", inline=_always,
    )  # fmt: skip
    yield Question("naissances", home, "Combien d’enfants sont à naître\u202f?", ("unborn",))
    yield Question(
        "naissance-prevue", home, "Quand la naissance est-elle prévue\u202f?", ("unborn_due",), (),
        lambda case: bool(case.content.menage and case.content.menage.unborn), inline=_always,
    )  # fmt: skip
    yield Question(
        "handicap",
        home,
        "Une personne du ménage est-elle en situation de handicap\u202f?",
        ("handicap",),
        ("handicap",),
    )
    yield Question(
        "adresse", address, "Quelle est l’adresse de {}\u202f?",
        ("care_of", "line", "complement", "postal_code", "town", "abroad", "protected"), ("postal_code", "town"),
    )  # fmt: skip
    yield Question(
        "courrier", address, "Le courrier de {} doit-il partir ailleurs\u202f?", ("mail_elsewhere",),
        help="Par exemple chez un proche, ou au CCAS ou à l’association où le ménage est domicilié.",
    )  # fmt: skip
    yield Question(
        "adresse-courrier", address, "Où écrire à {}\u202f?",
        ("mail_at", "mail_line", "mail_complement", "mail_postal_code", "mail_town"), (),
        lambda case: bool(case.content.adresse and case.content.adresse.mail_elsewhere), inline=_always,
    )  # fmt: skip
    yield Question("contact", address, "Comment joindre {}\u202f?", ("phone", "phone_other", "email"))
    yield Question(
        "avis-par-courriel", address, "Les avis peuvent-ils partir par courriel\u202f?", ("email_notices",), (),
        lambda case: bool(case.content.adresse and case.content.adresse.email), inline=_always,
    )  # fmt: skip
    yield Question(
        "famille", Section.SITUATION, "Quelle est la situation familiale de {}\u202f?", ("family",), ("family",)
    )
    yield Question(
        "protection-juridique", Section.SITUATION, "{} est-il sous tutelle ou curatelle\u202f?", ("guardianship",)
    )
    yield Question("priorites", Section.SITUATION, "Une priorité est-elle déjà reconnue\u202f?", ("dalo", "pdalhpd"))
    yield Question(
        "violences", Section.SITUATION, "Quelqu’un du ménage est-il en danger\u202f?",
        ("violence", "forced_marriage", "assault", "leaving_prostitution", "trafficking"),
    )  # fmt: skip
    yield Question(
        "parcours", Section.SITUATION, "Le ménage est-il dans une de ces situations\u202f?",
        ("child_welfare", "demolition", "disaster"),
    )  # fmt: skip
    yield from _jobs(adult=False)
    yield Question("insertion", work, "Où en est {} avec l’emploi\u202f?", ("insertion", "long_unemployment"))
    yield Question(
        "poste", work, "Et pour l’emploi actuel\u202f?", ("essential", "resumed_on"), (),
        lambda case: case.job.contract in WORKING, inline=_always,
    )  # fmt: skip
    yield from _jobs(adult=True)
    yield from _incomes()
    yield from _homes()


def _incomes() -> Iterator[Question]:
    income = Section.RESOURCES
    tax, paid = ("tax_year", "rfr_n2", "rfr_n1"), ("monthly", "alimony_paid")
    yield Question(
        "revenus-de-qui", income, "Comment les revenus sont-ils donnés\u202f?", ("per_person",), ("per_person",),
        lambda case: bool(case.content.adults),
        help="Le formulaire demande les revenus de chaque adulte.",
    )  # fmt: skip
    yield Question("impot", income, "Quel revenu fiscal, sur l’avis d’imposition de {}\u202f?", tax, ("rfr_n2",))
    yield Question("ressources", income, "Que reçoit {} chaque mois\u202f?", paid, ("monthly",),
                   help="Sans les aides au logement.")  # fmt: skip
    yield Question(
        "impot-de", income, "Quel revenu fiscal, sur l’avis d’imposition de {}\u202f?", ("joint_tax", *tax),
        ("rfr_n2",), lambda case: case.adult and not case.content.at_once, "income", inline=_always,
    )  # fmt: skip
    yield Question(
        "ressources-de", income, "Que reçoit {} chaque mois\u202f?", paid, ("monthly",),
        lambda case: case.adult and not case.content.at_once, "income", inline=_always,
        help="Sans les aides au logement.",
    )  # fmt: skip
    yield Question(
        "ressources-a-charge", income, "Que reçoivent les personnes à charge chaque mois\u202f?", ("dependants",), (),
        lambda case: case.has_dependants and not case.content.at_once, inline=lambda case: case.has_dependants,
    )  # fmt: skip


def _homes() -> Iterator[Question]:
    home, why, wish = Section.DWELLING, Section.GROUNDS, Section.SOUGHT
    yield Question("logement", home, "Où vit {} aujourd’hui\u202f?", ("kind", "other_kinds"), ("kind",),
                   help="Plusieurs réponses peuvent être vraies. La première compte dans la cotation.")  # fmt: skip
    yield Question("bailleur", home, "Quel est le bailleur HLM\u202f?", ("landlord",), (),
                   lambda case: "HLM" in case.dwelling.kinds, inline=_always)  # fmt: skip
    yield Question("commune", home, "Dans quelle commune est ce logement\u202f?", ("commune",))
    yield Question(
        "description", home, "Comment est ce logement\u202f?", ("category", "type", "surface", "occupants"), (),
        lambda case: case.dwelling.kind not in WITHOUT_ROOF, inline=_always,
    )  # fmt: skip
    yield Question("loyer", home, "Combien coûte ce logement\u202f?", ("rent", "benefit"), (),
                   lambda case: case.dwelling.kind not in WITHOUT_ROOF, inline=_always)  # fmt: skip
    yield Question("etat", home, "Dans quel état est ce logement\u202f?", ("unfit", "indecent"), (),
                   lambda case: case.dwelling.kind != "SD", inline=_always)  # fmt: skip
    yield Question("expulsion", home, "Une procédure d’expulsion ou un congé est-il en cours\u202f?",
                   ("eviction_stage", "lease_end"), (),
                   lambda case: case.dwelling.kind not in WITHOUT_LEASE, inline=_always)  # fmt: skip
    yield Question("propriete", home, "Le ménage possède-t-il un autre logement\u202f?", ("owner_elsewhere",))
    yield Question("ordonnance", home, "Y a-t-il, ou y a-t-il eu, une ordonnance de protection\u202f?",
                   ("protection_order",), (),
                   lambda case: bool(case.dwelling.owner_elsewhere) or "POCC" in case.dwelling.kinds,
                   inline=_always)  # fmt: skip
    yield Question("motifs", why, "Pour quelles raisons demander un logement\u202f?", ("codes",), ("codes",),
                   help="Dans l’ordre\u00a0: le premier motif est celui que comptent les statistiques.")  # fmt: skip
    yield Question("motif-autre", why, "Quel est cet autre motif\u202f?", ("other",), (),
                   lambda case: bool(case.content.motifs and OTHER_GROUND in case.content.motifs.codes),
                   inline=_always)  # fmt: skip
    yield Question("types", wish, "Combien de pièces\u202f?", ("types",), ("types",))
    yield Question("communes", wish, "Dans quelles communes, dans l’ordre\u202f?", ("communes", "wider_area"),
                   ("communes", "wider_area"))  # fmt: skip
    yield Question("quartiers", wish, "Un quartier en particulier\u202f?", ("districts",), (),
                   lambda case: bool(case.content.recherche and case.content.recherche.communes),
                   inline=_always)  # fmt: skip
    yield Question(
        "souhaits", wish, "Quel genre de logement\u202f?", ("category", "ground_floor", "no_lift", "parking")
    )
    yield Question("loyer-maximal", wish, "Quel loyer au plus\u202f?", ("max_rent",))


QUESTIONS = tuple(_questions())
