"""The files of a territory: what they may say, and everything that is wrong in them, with its line.

`territoire.yaml`, `communes.yaml` and `reseau.yaml` are read here; other contexts plug theirs in with `register_part`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic import ValidationError as PydanticError
from stdnum.fr import siren

from palier.common import colour, yamlfile
from palier.common.errors import Refusal
from palier.common.yamlfile import FileProblems, Key, Problem, Source
from palier.law import api as law
from palier.territory.enums import OrganisationKind
from palier.territory.logo import LIMIT as LOGO_LIMIT
from palier.territory.logo import logo_problem
from palier.territory.models import Territory

TERRITORY, COMMUNES, NETWORK, PARAMETERS = "territoire.yaml", "communes.yaml", "reseau.yaml", "parametres.yaml"
LOGO = "logo.svg"


B = TypeVar("B", bound=BaseModel)


def _siren(value: str) -> str:
    if not siren.is_valid(value):
        raise ValueError(f"«\u00a0{value}\u00a0» n’est pas un numéro SIREN (neuf chiffres, clé comprise).")
    return siren.compact(value)


def _accent(value: str) -> str:
    problem = colour.accent_problem(value)
    if problem:
        raise ValueError(problem)
    return value.lower()


def _phone(value: str) -> str:
    digits = re.sub(r"[\s.\u00a0\u202f]", "", value)
    if value and not re.fullmatch(r"0[1-9]\d{8}|\+\d{8,15}|\d{3,4}", digits):
        raise ValueError(f"«\u00a0{value}\u00a0» n’est pas un numéro de téléphone (dix chiffres, ou +indicatif).")
    return digits


def _email(value: str) -> str:
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise ValueError(f"«\u00a0{value}\u00a0» n’est pas une adresse électronique.") from None
    return value


def _url(value: str) -> str:
    try:
        if value:
            URLValidator(schemes=["https", "http"])(value)
    except ValidationError:
        raise ValueError(f"«\u00a0{value}\u00a0» n’est pas une adresse de site (https://…).") from None
    return value


def _clock(value: str) -> str:
    try:
        if not re.fullmatch(r"\d\d:\d\d", value):
            raise ValueError
        time.fromisoformat(value)
    except ValueError:
        raise ValueError(f'«\u00a0{value}\u00a0» n’est pas une heure entre guillemets, comme "08:30".') from None
    return value


def _absent(value: Any) -> Any:
    return "" if value is None else value


Text = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
Insee = Annotated[str, StringConstraints(pattern=r"^(\d\d|2A|2B)\d{3}$")]
Optional = Annotated[str, BeforeValidator(_absent), StringConstraints(max_length=200, strip_whitespace=True)]
Long = Annotated[str, BeforeValidator(_absent), StringConstraints(max_length=1000, strip_whitespace=True)]
Phone = Annotated[Optional, AfterValidator(_phone)]
Email = Annotated[Optional, AfterValidator(_email)]
Url = Annotated[Optional, AfterValidator(_url)]
Clock = Annotated[str, AfterValidator(_clock)]
Cell = Annotated[int, Field(ge=1, le=40)]
Day = Literal["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactBlock(_Block):
    contact: Optional = Field("", alias="service")
    phone: Phone = Field("", alias="telephone")
    email: Email = Field("", alias="courriel")


class TerritoryFile(_Block):
    """`territoire.yaml`."""

    siren: Annotated[str, AfterValidator(_siren)]
    name: Text = Field(alias="nom")
    short_name: Annotated[Text, StringConstraints(max_length=80)] = Field(alias="nom_court")
    department: Annotated[str, StringConstraints(pattern=r"^(\d\d|2A|2B|97\d)$")] = Field(alias="departement")
    accent: Annotated[str, AfterValidator(_accent)] = "#0f5c54"
    national_portal: Url = Field("", alias="portail_national")
    website: Url = Field("", alias="site")
    contact: ContactBlock = Field(default_factory=lambda: ContactBlock.model_validate({}))
    demonstration: bool = False


class CommuneBlock(_Block):
    insee: Insee
    name: Annotated[Text, StringConstraints(max_length=80)] = Field(alias="nom")
    postal_codes: list[Annotated[str, StringConstraints(pattern=r"^\d{5}$")]] = Field(
        alias="codes_postaux", min_length=1
    )
    population: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    column: Cell = Field(alias="colonne")
    row: Cell = Field(alias="ligne")


class CommunesFile(_Block):
    """`communes.yaml`."""

    communes: list[CommuneBlock] = Field(min_length=1)


class HoursBlock(_Block):
    days: list[Day] = Field(alias="jours", min_length=1)
    start: Clock = Field(alias="de")
    end: Clock = Field(alias="à")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.start >= self.end:
            raise ValueError(f"l’heure de fermeture ({self.end}) ne suit pas l’heure d’ouverture ({self.start}).")
        return self


class PlaceBlock(_Block):
    slug: Slug = Field(alias="id")
    name: Text = Field(alias="nom")
    level: Literal[1, 2] | None = Field(None, alias="niveau")
    commune: Insee | None = None
    locality: Annotated[Optional, StringConstraints(max_length=80)] = Field("", alias="localite")
    address: Optional = Field("", alias="adresse")
    phone: Phone = Field("", alias="telephone")
    email: Email = Field("", alias="courriel")
    website: Url = Field("", alias="site")
    hours: list[HoursBlock] = Field(default_factory=list, alias="horaires")
    hours_note: Annotated[Long, StringConstraints(max_length=300)] = Field("", alias="precision_horaires")
    by_appointment: bool | None = Field(None, alias="sur_rendez_vous")
    note: Long = ""
    source: Long = ""
    ambiguity: Long = Field("", alias="ambiguite")

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if self.commune and self.locality:
            raise ValueError(
                "«\u00a0localite\u00a0» ne sert que hors des communes du territoire\u00a0: retirez l’une des deux clés."
            )
        return self


class OrganisationBlock(_Block):
    slug: Slug = Field(alias="id")
    kind: OrganisationKind = Field(alias="genre")
    name: Text = Field(alias="nom")
    places: list[PlaceBlock] = Field(default_factory=list, alias="lieux")


class NetworkFile(_Block):
    """`reseau.yaml`."""

    organisations: list[OrganisationBlock] = Field(alias="organismes", min_length=1)


class ParameterBlock(_Block):
    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$", max_length=60)]
    value: int = Field(alias="valeur")
    since: date = Field(alias="du")
    until: date | None = Field(None, alias="au")
    source: Annotated[str, StringConstraints(min_length=3, max_length=300)]

    def as_local_row(self) -> law.LocalRow:
        """The value as the law keeps it."""
        return law.LocalRow(self.code, self.value, self.since, self.until, self.source)


class ParametersFile(_Block):
    """`parametres.yaml`."""

    parameters: list[ParameterBlock] = Field(alias="parametres")


@dataclass(frozen=True)
class Folder:
    """The folder of a territory, read. While it has problems, blocks that are wrong are missing from it."""

    path: Path
    sources: dict[str, Source]
    territory: TerritoryFile | None = None
    communes: tuple[CommuneBlock, ...] = ()
    organisations: tuple[OrganisationBlock, ...] = ()
    parameters: tuple[ParameterBlock, ...] = ()
    logo: str = ""


@dataclass(frozen=True)
class Part:
    """A file of the folder that belongs to a context above.

    `check` says all that is wrong in the file; `load` writes it for a territory, in the caller's transaction, and
    tells what it changed, one French line each; `default` gives the text that `territory new` writes, None for no
    file. `companions` are other files of the folder that they read: one without the file is a problem.
    """

    filename: str
    required: bool
    check: Callable[[Source, Folder], list[Problem]]
    load: Callable[[Territory, Source, Folder], list[str]]
    default: Callable[[Folder], str | None]
    companions: tuple[str, ...] = field(default=())


_parts: dict[str, Part] = {}


def register_part(part: Part) -> None:
    """Plug a file into the folder of a territory. Called in `AppConfig.ready`."""
    _parts[part.filename] = part


def parts() -> tuple[Part, ...]:
    """The files that contexts above plugged in."""
    return tuple(_parts.values())


def read_folder(path: Path) -> tuple[Folder, list[Problem]]:
    """The folder as it is, and all its problems in the order of files and lines. Nothing is loaded."""
    problems: list[Problem] = []
    sources = _sources(path, problems)
    missing = {TERRITORY, COMMUNES, NETWORK} | {part.filename for part in parts() if part.required}
    problems += [Problem(name, 1, "", "ce fichier manque.") for name in sorted(missing) if not (path / name).is_file()]
    folder = Folder(
        path,
        sources,
        logo=_logo(path / LOGO, problems),
        territory=_territory(sources, problems),
        communes=_blocks(sources, COMMUNES, CommunesFile, "communes", CommuneBlock, problems),
        organisations=_blocks(sources, NETWORK, NetworkFile, "organismes", OrganisationBlock, problems),
        parameters=_blocks(sources, PARAMETERS, ParametersFile, "parametres", ParameterBlock, problems),
    )
    problems += _cross_check(sources)
    if PARAMETERS in sources and not any(problem.file == PARAMETERS for problem in problems):
        problems += _parameter_problems(sources[PARAMETERS], folder.parameters)
    # Without communes and places, the other files would be said wrong for what they rightly name.
    readable = COMMUNES in sources and NETWORK in sources
    for part in parts():
        if not (path / part.filename).exists():
            lost = [name for name in part.companions if (path / name).exists()]
            problems += [Problem(name, 1, "", f"ce fichier ne sert à rien sans {part.filename}.") for name in lost]
        elif part.filename in sources and readable:
            problems += part.check(sources[part.filename], folder)
    return folder, sorted(set(problems))


def _sources(path: Path, problems: list[Problem]) -> dict[str, Source]:
    known = {TERRITORY, COMMUNES, NETWORK, PARAMETERS}
    for part in parts():
        known |= {part.filename, *part.companions}
    sources = {}
    for file in sorted([*path.glob("*.yaml"), *path.glob("*.yml")]):
        if file.name not in known:
            names = ", ".join(sorted(known))
            problems.append(Problem(file.name, 1, "", f"fichier inconnu. Fichiers attendus\u00a0: {names}."))
            continue
        try:
            sources[file.name] = yamlfile.read(file)
        except FileProblems as error:
            problems += error.problems
    return sources


def _logo(path: Path, problems: list[Problem]) -> str:
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        content = file.read(LOGO_LIMIT + 1)
    if problem := logo_problem(content):
        problems.append(Problem(path.name, 1, "", problem))
        return ""
    return content.decode(errors="replace")


def _territory(sources: dict[str, Source], problems: list[Problem]) -> TerritoryFile | None:
    if TERRITORY in sources:
        try:
            return yamlfile.validate(sources[TERRITORY], TerritoryFile)
        except FileProblems as error:
            problems += error.problems
    return None


def _blocks(
    sources: dict[str, Source],
    name: str,
    file: type[BaseModel],
    key: str,
    block: type[B],
    problems: list[Problem],
) -> tuple[B, ...]:
    """The blocks of a list, without what is wrong in them; what is wrong goes to `problems`."""
    if name not in sources:
        return ()
    try:
        yamlfile.validate(sources[name], file)
    except FileProblems as error:
        problems += error.problems
    blocks = (_sound(block, item) for _, item in _items(sources[name].value, key))
    return tuple(item for item in blocks if item is not None)


def _sound(block: type[B], item: dict[str, Any]) -> B | None:
    """The block once wrong keys are removed, so that other files may still be checked against the rest."""
    item = deepcopy(item)
    for _ in range(20):
        try:
            return block.model_validate(item)
        except PydanticError as error:
            detail = error.errors()[0]
            path = detail["loc"] if detail["type"] != "missing" else detail["loc"][:-1]
            if not path:
                return None
            holder: Any = item
            for step in path[:-1]:
                holder = holder[step]
            del holder[path[-1]]
    return None


def _items(value: Any, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The blocks of a list as they were written, each with its rank."""
    items = value.get(key) if isinstance(value, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield index, item


def _cross_check(sources: dict[str, Source]) -> Iterator[Problem]:
    """What no block can see alone: things named twice, and communes that do not exist."""
    insee: set[Any] = set()
    if source := sources.get(COMMUNES):
        communes = list(_items(source.value, "communes"))
        insee = {item.get("insee") for _, item in communes}
        codes = [(("communes", i, "insee"), item.get("insee")) for i, item in communes]
        yield from _twice(source, codes, "la commune {} est déjà citée ligne {}.")
        cells = [(("communes", i, "colonne"), _cell(item)) for i, item in communes]
        yield from _twice(source, cells, "la case {} de la carte est déjà prise ligne {}.")
    if source := sources.get(NETWORK):
        organisations = list(_items(source.value, "organismes"))
        ids: list[tuple[Key, Any]] = [(("organismes", i, "id"), item.get("id")) for i, item in organisations]
        yield from _twice(source, ids, "l’identifiant {} désigne déjà l’organisme de la ligne {}.")
        places = [
            (("organismes", i, "lieux", j), place) for i, item in organisations for j, place in _items(item, "lieux")
        ]
        ids = [((*path, "id"), place.get("id")) for path, place in places]
        yield from _twice(source, ids, "l’identifiant {} désigne déjà le lieu de la ligne {}.")
        for path, place in places:
            commune = place.get("commune")
            if insee and isinstance(commune, str) and commune not in insee:
                sentence = (
                    f"la commune {commune} n’est pas dans {COMMUNES}\u202f; "
                    "hors du territoire, écrivez «\u00a0localite\u00a0»."
                )
                yield source.problem((*path, "commune"), sentence)


def _cell(item: dict[str, Any]) -> str | None:
    column, row = item.get("colonne"), item.get("ligne")
    return f"(colonne {column}, ligne {row})" if isinstance(column, int) and isinstance(row, int) else None


def _twice(source: Source, entries: Iterable[tuple[Key, Any]], sentence: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for path, value in entries:
        if not isinstance(value, str):
            continue
        if value in seen:
            yield source.problem(path, sentence.format(value, seen[value]))
        seen.setdefault(value, source.line(path))


def _parameter_problems(source: Source, rows: Sequence[ParameterBlock]) -> Iterator[Problem]:
    """A territory sets only what the law lets it set, within the bounds of the law."""
    for index, row in enumerate(rows):
        try:
            law.check_local_values([row.as_local_row()])
        except Refusal as refusal:
            yield source.problem(("parametres", index), refusal.sentence)
            return
    try:
        law.check_local_values([row.as_local_row() for row in rows])
    except Refusal as refusal:
        yield source.problem(("parametres",), refusal.sentence)
