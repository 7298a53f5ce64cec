"""Codes of the network and of the people who work in it."""

from django.db.models import TextChoices


class OrganisationKind(TextChoices):
    """What an organisation is in the reception network."""

    COMMUNE = "commune", "commune"
    CCAS = "ccas", "centre communal d’action sociale"
    EPCI = "epci", "intercommunalité"
    LANDLORD = "landlord", "bailleur social"
    ACTION_LOGEMENT = "action_logement", "Action Logement"
    STATE = "state", "service de l’État"
    DEPARTMENT = "department", "conseil départemental"
    SIAO = "siao", "SIAO"
    ADIL = "adil", "ADIL"
    CAF = "caf", "caisse d’allocations familiales"
    CLLAJ = "cllaj", "CLLAJ"
    LDA_PLATFORM = "lda_platform", "plateforme Logement d’abord"
    ASSOCIATION = "association", "association"


class Role(TextChoices):
    """What a professional does at an organisation. What each role may do is `rules.ROLE_RIGHTS`."""

    INFORMER = "informer", "agent d’un lieu d’information"
    REGISTRAR = "registrar", "agent d’un guichet enregistreur"
    COUNTER = "counter", "agent d’un guichet enregistreur, sans la santé ni les violences"
    COORDINATOR = "coordinator", "pilotage de l’intercommunalité"
    AUDITOR = "auditor", "délégué à la protection des données"
    ADMINISTRATOR = "administrator", "administration des comptes"


class Right(TextChoices):
    """One thing that may be done. A view names the right it needs; a role gives some."""

    INFORM = "inform", "Informer et orienter, consulter le réseau"
    SEARCH = "search", "Chercher un ménage"
    VIEW_DEMAND = "view_demand", "Lire une demande de logement"
    REGISTER = "register", "Enregistrer et mettre à jour une demande"
    RECEIVE = "receive", "Recevoir un demandeur et en rendre compte"
    READ_RESERVED = "read_reserved", "Lire ce qui est réservé\u00a0: santé, violences"
    VIEW_HANDICAP = "view_handicap", "Lire et remplir le complément handicap d’une demande"
    VIEW_FIGURES = "view_figures", "Voir les chiffres, sans aucun nom"
    PREPARE_GRID = "prepare_grid", "Préparer une grille de cotation et l’essayer"
    ENACT_GRID = "enact_grid", "Mettre une grille en vigueur, à deux personnes"
    SET_VALUES = "set_values", "Fixer les valeurs datées du territoire, avec leur source"
    VIEW_JOURNAL = "view_journal", "Consulter le journal"
    MANAGE_ACCOUNTS = "manage_accounts", "Gérer les comptes de son organisation"
