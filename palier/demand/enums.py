"""Code lists of the form CERFA 14069*05, as the SNE interface 02.01 names them, with their French labels."""

from django.db.models import TextChoices

CERFA_VERSION = "14069*05"


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


class Scope(TextChoices):
    """What the actor sees of a demand: all of it, or what another registering body may see (R441-2-6)."""

    OWN = "own", "dossier complet"
    SHARED = "shared", "vue partagée"


class Family(TextChoices):
    """situationFamiliale@code."""

    SINGLE = "C", "célibataire"
    MARRIED = "M", "marié·e"
    DIVORCED = "D", "divorcé·e"
    SEPARATED = "S", "séparé·e"
    PACS = "P", "pacsé·e"
    COHABITING = "U", "concubin·e"
    WIDOWED = "V", "veuf ou veuve"


class Nationality(TextChoices):
    """nationalite@code."""

    FRENCH = "1", "française"
    EU = "2", "Union européenne"
    OTHER = "3", "hors Union européenne"


class Contract(TextChoices):
    """typeContratTravail@code."""

    CDI = "CDI", "CDI ou fonction publique"
    CDD = "CDD", "CDD, stage ou intérim"
    ART = "ART", "artisan, commerçant ou profession libérale"
    CHO = "CHO", "au chômage"
    APP = "APP", "apprentissage"
    ETU = "ETU", "études"
    RET = "RET", "retraite"
    AUT = "AUT", "autre situation"


class Resource(TextChoices):
    """ressource@code: monthly resources of the household, housing benefits left out."""

    SAL = "SAL", "Salaires et revenus d’activité"
    RET = "RET", "Retraites"
    CHO = "CHO", "Allocations de chômage"
    RSA = "RSA", "RSA"
    AAH = "AAH", "AAH"
    AF = "AF", "Allocations familiales"
    PAR = "PAR", "Pension alimentaire reçue"
    PINV = "PINV", "Pension d’invalidité"
    AMV = "AMV", "Minimum vieillesse (ASPA)"
    AUT = "AUT", "Autres ressources"


class DwellingKind(TextChoices):
    """modeleLogement@code. ACT comes with later forms; its code is from memory."""

    HLM = "HLM", "Locataire d’un logement HLM"
    LP = "LP", "Locataire du parc privé"
    CP = "CP", "Hébergé chez un particulier"
    CPE = "CPE", "Chez ses parents ou ses enfants"
    SD = "SD", "Sans abri ou abri de fortune"
    SH = "SH", "En structure d’hébergement"
    HOT = "HOT", "À l’hôtel"
    RS = "RS", "En résidence sociale, foyer ou pension de famille"
    SLHT = "SLHT", "Sous-location ou logement à titre temporaire"
    RHVS = "RHVS", "En résidence hôtelière à vocation sociale"
    RE = "RE", "En résidence étudiante"
    CDEFCM = "CDEFCM", "Centre départemental de l’enfance ou centre maternel"
    ACT = "ACT", "En appartement de coordination thérapeutique"
    LTG = "LTG", "Logé à titre gratuit"
    FONC = "FONC", "Logement de fonction"
    POCC = "POCC", "Propriétaire occupant"
    CAMCAR = "CAMCAR", "Camping, caravaning"
    SQUAT = "SQUAT", "Dans un squat"


class DwellingType(TextChoices):
    """typeLogement@code."""

    ROOM = "C", "Chambre"
    T1 = "T1", "T1"
    T2 = "T2", "T2"
    T3 = "T3", "T3"
    T4 = "T4", "T4"
    T5 = "T5", "T5"
    T6 = "T6P", "T6 et plus"


class Category(TextChoices):
    """categorieLogement@code."""

    FLAT = "A", "Appartement"
    HOUSE = "M", "Maison"
    ANY = "I", "Indifférent"


class EvictionStage(TextChoices):
    """How far an eviction has gone."""

    NONE = "aucune", "Pas de procédure"
    NOTICE = "commandement", "Commandement de payer"
    SUMMONS = "assignation", "Assignation"
    JUDGMENT = "jugement", "Jugement"
    FORCE = "concours", "Concours de la force publique demandé"


class Ground(TextChoices):
    """ListeMotifDemande."""

    G01 = "01", "Sans logement, hébergé ou en logement temporaire"
    G02 = "02", "Démolition"
    G03 = "03", "Logement non décent, insalubre, dangereux ou local impropre"
    G04 = "04", "Logement repris ou mis en vente par le propriétaire"
    G05 = "05", "En procédure d’expulsion"
    G06 = "06", "Violences familiales"
    G07 = "07", "Handicap"
    G08 = "08", "Raisons de santé"
    G09 = "09", "Logement trop cher"
    G10 = "10", "Logement trop grand"
    G11 = "11", "Divorce, séparation"
    G12 = "12", "Décohabitation"
    G13 = "13", "Logement trop petit"
    G14 = "14", "Futur mariage, concubinage ou PACS"
    G15 = "15", "Regroupement familial"
    G16 = "16", "Assistant·e maternel·le ou familial·e"
    G17 = "17", "Environnement ou voisinage"
    G18 = "18", "Mutation professionnelle"
    G19 = "19", "Rapprochement du lieu de travail"
    G20 = "20", "Rapprochement des équipements et services"
    G21 = "21", "Rapprochement de la famille"
    G22 = "22", "Accédant à la propriété en difficulté"
    G23 = "23", "Autre motif"


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
