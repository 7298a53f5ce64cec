"""The delays of an appeal to the mediation commission (DALO), each from the act that starts it. Pure.

CCH L441-2-3, R441-14 to R441-16-1: the commission decides in three months, and its silence is a refusal; a home is
offered in three or six months after a favourable decision; then the judge may be asked to order it.
"""

from dataclasses import dataclass
from datetime import date

from palier.demand.followup.payloads import Dalo, DaloDecision, DaloStatus
from palier.law.api import STATUS_LABELS, Parameter, SourceStatus, parameter


@dataclass(frozen=True)
class Terms:
    """The delays of the law on a day, with the territory's own where the département chooses."""

    acknowledgement: Parameter
    decision: Parameter
    offer: Parameter
    appeal: Parameter
    injunction: Parameter


def terms_on(on: date, territory_id: int | None) -> Terms:
    """The delays in force on a day. Two queries: two of them are a département's."""
    return Terms(
        acknowledgement=parameter("dalo_acknowledgement_delay", on),
        decision=parameter("dalo_decision_delay", on, territory_id),
        offer=parameter("dalo_offer_delay", on, territory_id),
        appeal=parameter("dalo_appeal_delay", on),
        injunction=parameter("dalo_injunction_delay", on),
    )


@dataclass(frozen=True)
class Deadline:
    """One date of an appeal: what happens then, and the text that says so. `doubt` says how far it was checked."""

    on: date
    title: str
    sentence: str
    source: str = ""
    doubt: str = ""
    past: bool = False


def deadlines(case: Dalo, terms: Terms, on: date) -> list[Deadline]:
    """The dates of an appeal, past and to come, in order. A case that lapsed or whose holder is housed has no more."""
    found = [_fact(case.filed_on, "Recours déposé")]
    if case.acknowledged_on:
        found.append(_fact(case.acknowledged_on, "Accusé de réception", "Le délai de la commission part de ce jour."))
    elif not case.decided_on:
        day = terms.acknowledgement.after(case.filed_on)
        words = "Sans accusé de réception, demandez-le au secrétariat de la commission."
        found.append(_due(day, "Accusé de réception attendu", words, terms.acknowledgement))
    if case.decided_on and case.decision:
        found.append(_fact(case.decided_on, "Décision de la commission", f"{DaloDecision(case.decision).label}."))
    if case.status not in {DaloStatus.LAPSED, DaloStatus.HOUSED}:
        found += _ahead(case, terms, on)
    ordered = sorted(found, key=lambda one: one.on)
    return [Deadline(**{**vars(one), "past": one.on < on}) for one in ordered]


def _ahead(case: Dalo, terms: Terms, on: date) -> list[Deadline]:
    if case.decided_on and case.decision == DaloDecision.RECOGNISED:
        offer = terms.offer.after(case.decided_on)
        asked = terms.injunction.after(offer)
        words = "Le préfet fait offrir un logement adapté avant ce jour."
        if terms.offer.territory_id is None:
            # Three months or six: the territory knows which, by its département.
            words += (
                " Vérifiez cette date\u00a0: ce délai est de six mois dans certains départements, et le territoire "
            )
            words += "n’a pas dit le sien."
        return [
            _due(offer, "Offre de logement due", words, terms.offer),
            _due(
                asked,
                "Dernier jour pour saisir le juge, sans offre",
                "Le tribunal administratif peut ordonner le logement. La demande part de la fin du délai de l’offre.",
                terms.injunction,
            ),
        ]
    if case.decided_on:
        words = "Recours à l’amiable devant la commission, ou devant le tribunal administratif, depuis la notification."
        return [_due(terms.appeal.after(case.decided_on), "Dernier jour pour contester", words, terms.appeal)]
    if not case.acknowledged_on:
        return []
    decided = terms.decision.after(case.acknowledged_on)
    silence = "Sans décision ce jour-là, le silence vaut rejet."
    if decided < on:
        silence = "Aucune décision n’est notée\u00a0: le silence a valu rejet ce jour-là."
    return [
        _due(decided, "Décision de la commission, au plus tard", silence, terms.decision),
        _due(
            terms.appeal.after(decided),
            "Dernier jour pour contester un rejet par silence",
            "À l’amiable devant la commission, ou devant le tribunal administratif.",
            terms.appeal,
        ),
    ]


def refused_by_silence(case: Dalo, terms: Terms, on: date) -> bool:
    """Whether the commission let its delay go by: its silence is then a refusal (R441-15)."""
    return (
        case.decided_on is None and case.acknowledged_on is not None and terms.decision.after(case.acknowledged_on) < on
    )


def _fact(day: date, title: str, sentence: str = "") -> Deadline:
    return Deadline(day, title, sentence)


def _due(day: date, title: str, sentence: str, value: Parameter) -> Deadline:
    doubt = "" if value.status is SourceStatus.SEEN else STATUS_LABELS[value.status]
    return Deadline(day, title, f"{sentence} Délai\u00a0: {value.words}.", value.source, doubt)
