"""Codes of the reception network, with their French labels."""

from enum import StrEnum

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    """What kind of legal person welcomes households."""

    EPCI = "epci", "intercommunalité"
    COMMUNE = "commune", "commune"
    CCAS = "ccas", "centre communal d’action sociale"
    LANDLORD = "landlord", "bailleur social"
    ACTION_LOGEMENT = "action_logement", "Action Logement"
    STATE = "state", "service de l’État"
    DEPARTMENT = "department", "Département"
    SIAO = "siao", "SIAO"
    ADIL = "adil", "ADIL"
    CAF = "caf", "CAF"
    CLLAJ = "cllaj", "CLLAJ"
    LDA_PLATFORM = "lda_platform", "plateforme Logement d’abord"
    ASSOCIATION = "association", "association"


class Role(TextChoices):
    """What a professional does in an organisation."""

    INFORMER = "informer", "agent d’un lieu d’information"
    REGISTRAR = "registrar", "agent d’un guichet enregistreur"
    COORDINATOR = "coordinator", "pilotage de l’intercommunalité"
    AUDITOR = "auditor", "délégué à la protection des données"
    ADMINISTRATOR = "administrator", "administration des comptes"


class Right(StrEnum):
    """What a professional may do. See rules.ROLE_RIGHTS."""

    INFORM = "inform"
    SEARCH = "search"
    VIEW_DEMAND = "view_demand"
    REGISTER = "register"
    RECEIVE = "receive"
    VIEW_FIGURES = "view_figures"
    VIEW_JOURNAL = "view_journal"
    MANAGE_NETWORK = "manage_network"
    MANAGE_ACCOUNTS = "manage_accounts"
