"""The situations that L441-1 ranks first, as the applicant declares them. Pure."""

from palier.demand.content import Content

# What the applicant declares that L441-1 ranks first: field of the situation or the household, and its words.
PRIORITIES = (
    ("dalo", "droit au logement opposable (DALO)"),
    ("pdalhpd", "public du plan départemental pour les personnes défavorisées (PDALHPD)"),
    ("violence", "violences au sein du couple ou de la famille"),
    ("forced_marriage", "menace de mariage forcé"),
    ("assault", "viol ou agression sexuelle au domicile ou à ses abords"),
    ("leaving_prostitution", "parcours de sortie de la prostitution"),
    ("trafficking", "traite des êtres humains ou proxénétisme"),
    ("child_welfare", "aide sociale à l’enfance, ou sortie depuis moins de trois ans"),
)


def priorities(content: Content) -> list[str]:
    """The situations of L441-1 that the applicant declares, subject to verification."""
    declared = [words for name, words in PRIORITIES if content.situation and getattr(content.situation, name)]
    if content.menage and content.menage.handicap:
        declared.append("handicap d’une personne du ménage")
    if content.logement:
        if content.logement.unfit or content.logement.indecent:
            declared.append("habitat indigne ou logement non décent")
        if content.logement.eviction_stage not in ("", "aucune"):
            declared.append("menace d’expulsion")
        if content.logement.kind in {"SD", "SQUAT", "CAMCAR", "CP", "SH", "HOT", "ACT"}:
            declared.append("absence de logement ou hébergement")
    return declared
