"""Codes about persons and households, with their French labels."""

from django.db.models import TextChoices


class Civility(TextChoices):
    """SNE code civilite (1 Monsieur, 2 Madame)."""

    MR = "mr", "M."
    MRS = "mrs", "Mme"


class MemberRole(TextChoices):
    """Place of a person in a household that seeks a home (CERFA 14069)."""

    APPLICANT = "applicant", "demandeur"
    CO_APPLICANT = "co_applicant", "codemandeur"
    DEPENDANT = "dependant", "personne à charge"
    SHARED_CUSTODY = "shared_custody", "enfant en garde alternée"
    VISIT = "visit", "enfant en droit de visite"
    OTHER_ADULT = "other_adult", "autre adulte"
    UNBORN = "unborn", "enfant à naître"


class Verdict(TextChoices):
    """What an agent decided of two people who may be one."""

    SAME = "same", "une seule personne"
    DIFFERENT = "different", "deux personnes"
    LATER = "later", "à voir plus tard"
