"""The words that a demand is made of. Those of the form CERFA 14069 come from its versioned lists, `codes.py`."""

from django.db.models import TextChoices

from palier.demand.codes import LISTS, VERSIONS

CERFA_VERSION = VERSIONS[-1].code
"""The latest version of the form; that of a day is `codes.version_on`."""


class Status(TextChoices):
    """Where a demand stands in Palier. The legal registration is the national system's."""

    DRAFT = "draft", "brouillon"
    REGISTERED = "registered", "enregistrée"
    STRUCK = "struck", "radiée"


class Source(TextChoices):
    """Why a snapshot was taken."""

    REGISTRATION = "registration", "enregistrement"
    UPDATE = "update", "mise à jour"
    IMPORT = "import", "import du système national"


class ImportStep(TextChoices):
    """How far an import of a file is."""

    COLUMNS = "columns", "colonnes à vérifier"
    CHECK = "check", "vérification"
    WRITE = "write", "enregistrement"
    UNDO = "undo", "annulation"


class FileKind(TextChoices):
    """What a file of demands is."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "classeur Excel"
    ODS = "ods", "classeur OpenDocument"
    XML = "xml", "fichier du système national"


class ImportScope(TextChoices):
    """Which rows of a file are written."""

    ALL = "all", "les nouvelles demandes et celles déjà connues"
    NEW = "new", "seulement les nouvelles demandes"
    KNOWN = "known", "seulement les demandes déjà connues"


class WrongState(TextChoices):
    """What became of a row that could not be written as it came."""

    WRONG = "wrong", "à corriger"
    MENDED = "mended", "corrigée"
    ASIDE = "aside", "à rapprocher"
    MATCHED = "matched", "rapprochée"
    LEFT = "left", "laissée de côté"


class Scope(TextChoices):
    """What the actor sees of a demand: all of it, or what another registering body may see (R441-2-6)."""

    OWN = "own", "dossier complet"
    SHARED = "shared", "vue partagée"


def _listed(name: str) -> type[TextChoices]:
    """Every code of a list of `codes.py`, whatever the version of the form: what may be read in a kept document."""
    members = [(f"_{line.code}".upper(), (line.code, line.label)) for line in LISTS[name]]
    return TextChoices(name, members)  # type: ignore[no-any-return, call-overload]


Family = _listed("family")
Nationality = _listed("nationality")
Contract = _listed("contract")
DwellingKind = _listed("dwelling_kind")
DwellingType = _listed("dwelling_type")
Category = _listed("category")
Ground = _listed("ground")


class EvictionStage(TextChoices):
    """How far an eviction has gone."""

    NONE = "aucune", "Pas de procédure"
    NOTICE = "commandement", "Commandement de payer"
    SUMMONS = "assignation", "Assignation"
    JUDGMENT = "jugement", "Jugement"
    FORCE = "concours", "Concours de la force publique demandé"


class Section(TextChoices):
    """The rubrics of the demand (R441-2-2), in the order an agent takes them."""

    IDENTITY = "identite", "Identité"
    HOUSEHOLD = "menage", "Ménage"
    ADDRESS = "adresse", "Adresse et contact"
    SITUATION = "situation", "Situation"
    WORK = "travail", "Travail"
    RESOURCES = "ressources", "Ressources"
    DWELLING = "logement", "Logement actuel"
    GROUNDS = "motifs", "Motifs"
    SOUGHT = "recherche", "Logement recherché"
