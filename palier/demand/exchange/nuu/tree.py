"""Reading XML that nobody vouches for: one demand at a time, whatever the size of the file.

No DTD, no entity, nothing outside the file; depth, number of elements, length of a text and of a tag are bounded.
"""

from collections import Counter
from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from palier.common.errors import Refusal
from palier.common.text import number_fr

SPACE = "http://nuu.application.i2/"
VERSIONS = ("02.00", "02.01")
MOST_DEPTH = 40
MOST_NODES = 5_000
MOST_ATTRIBUTES = 20
LONGEST_TEXT = 20_000
MOST_TEXT = 1_000_000
MOST_OTHERS = 100
# A tag that has not ended after so many bytes is no tag.
LONGEST_TAG = 1 << 20
_BLOCK = 1 << 16
_OURS = f"{SPACE}}}"


class Node:
    """An element: its name (without the namespace of the SNE), its line in the file, what it holds."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, line: int = 0, attributes: dict[str, str] | None = None, text: str = "") -> None:
        self.name, self.line, self.text = name, line, text
        self.attributes = attributes or {}
        self.children: list[Node] = []

    def child(self, name: str) -> "Node | None":
        """The first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def find(self, path: str) -> "Node | None":
        """The first element at the end of a path of names."""
        node: Node | None = self
        for name in path.split("/"):
            node = node.child(name) if node else None
        return node

    def within(self, name: str) -> "Iterator[Node]":
        """Every element of a name inside this one."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.within(name)


class _Target:
    """What expat calls. Elements of `kept` paths are given once complete; nothing else stays in memory."""

    def __init__(self, kept: frozenset[tuple[str, ...]] | None, most: int = MOST_NODES) -> None:
        self.kept, self.most = kept, most
        self.path: list[str] = []
        self.stack: list[Node] = []
        self.texts: list[str] = []
        self.nodes = self.length = self.texts_length = 0
        self.root: Node | None = None
        self.done: list[Node] = []
        # Elements beside those kept, by path: how many times.
        self.others: Counter[str] = Counter()
        self.names: dict[str, str] = {}
        self.expat: Any = None

    def name(self, tag: str) -> str:
        """« nom » for an element of the SNE, « {space}nom » for another."""
        known = self.names.get(tag)
        if known is None:
            known = tag.removeprefix(_OURS)
            if "}" in known:
                known = f"{{{known}"
            if len(self.names) < MOST_NODES:
                self.names[tag] = known
        return known

    def start(self, tag: str, attributes: list[str]) -> None:
        name = self.name(tag)
        self.path.append(name)
        self.nodes += 1
        line = self.expat.CurrentLineNumber
        if len(self.path) > MOST_DEPTH:
            raise Refusal(f"Ligne {line}\u00a0: des éléments sont imbriqués sur plus de {MOST_DEPTH} niveaux.")
        if self.nodes > self.most:
            raise Refusal(f"Ligne {line}\u00a0: une demande compte plus de {number_fr(self.most)} éléments.")
        if len(attributes) > 2 * MOST_ATTRIBUTES:
            raise Refusal(f"Ligne {line}\u00a0: un élément compte plus de {MOST_ATTRIBUTES} attributs.")
        if self.texts:
            self._keep_text()
        if self.stack or self.kept is None or tuple(self.path) in self.kept or self.root is None:
            node = Node(name, line, dict(zip(attributes[::2], attributes[1::2], strict=True)) if attributes else None)
            if self.root is None:
                self.root = node
            if self.stack:
                self.stack[-1].children.append(node)
                self.stack.append(node)
            elif self.kept is None or tuple(self.path) in self.kept:
                self.stack.append(node)

    def data(self, text: str) -> None:
        # Spaces between elements are no text.
        if self.stack and (self.texts or not text.isspace()):
            self.length += len(text)
            if self.length > LONGEST_TEXT:
                line = self.expat.CurrentLineNumber
                raise Refusal(f"Ligne {line}\u00a0: un texte dépasse {number_fr(LONGEST_TEXT)} caractères.")
            self.texts.append(text)

    def _keep_text(self) -> None:
        self.texts_length += self.length
        if self.texts_length > MOST_TEXT * max(1, self.most // MOST_NODES):
            line = self.expat.CurrentLineNumber
            raise Refusal(f"Ligne {line}\u00a0: une demande compte plus de {number_fr(MOST_TEXT)} caractères.")
        if self.stack:
            self.stack[-1].text += "".join(self.texts).strip()
        self.texts, self.length = [], 0

    def end(self, _: str) -> None:
        if self.texts:
            self._keep_text()
        if self.stack:
            node = self.stack.pop()
            if not self.stack:
                self.done.append(node)
                self.nodes, self.texts_length = len(self.path), 0
        elif self.kept and not any(path[: len(self.path)] == tuple(self.path) for path in self.kept):
            path = "/".join(self.path)
            if path in self.others or len(self.others) < MOST_OTHERS:
                self.others[path] += 1
            self.nodes = len(self.path)
        self.path.pop()


class Source:
    """A file `interfaceNuu`: its `version`, its header once a demand came, and its demands. Raises Refusal."""

    DEMAND = ("interfaceNuu", "demande", "demandeLogement")
    HEADER = ("interfaceNuu", "entete")

    def __init__(self, stream: IO[bytes]) -> None:
        self.header = Node("entete")
        self.version = ""
        self.others: Counter[str] = Counter()
        self._stream = stream

    def __iter__(self) -> Iterator[Node]:
        """Each `demandeLogement`, in order."""
        target = _Target(frozenset({self.DEMAND, self.HEADER}))
        self.others = target.others
        for _ in _fed(self._stream, target):
            if target.root is not None and not self.version:
                self.version = _version(target.root)
            for node in target.done:
                if node.name == "entete":
                    self.header = node
                else:
                    yield node
            target.done.clear()


def tree(stream: IO[bytes], most: int = MOST_NODES) -> Node:
    """A whole document of `most` elements at most, in memory. Raises Refusal."""
    target = _Target(None, most)
    for _ in _fed(stream, target):
        pass
    assert target.root is not None
    return target.root


def _version(root: Node) -> str:
    if root.name != "interfaceNuu":
        raise Refusal(
            "Ce fichier XML n’est pas un échange du système national\u00a0: sa racine n’est pas interfaceNuu."
        )
    version = root.attributes.get("versionInterface", "")
    if version not in VERSIONS:
        said = f"«\u00a0{version[:20]}\u00a0»" if version else "non indiquée"
        raise Refusal(f"Version de l’interface {said}\u00a0: Palier lit les versions {' et '.join(VERSIONS)}.")
    return version


def _fed(stream: IO[bytes], target: _Target) -> Iterator[None]:
    """Feed the parser block by block; a yield after each."""
    from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
    from defusedxml.ElementTree import DefusedXMLParser  # type: ignore[import-untyped]

    parser = DefusedXMLParser(target=object(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    # Its defences stay; elements come straight from expat, twice as fast.
    expat = target.expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = target.start, target.end
    expat.CharacterDataHandler = target.data
    fed = 0
    try:
        while block := stream.read(_BLOCK):
            parser.feed(block)
            fed += len(block)
            if fed - max(expat.CurrentByteIndex, 0) > LONGEST_TAG:
                raise Refusal(f"Ligne {expat.CurrentLineNumber}\u00a0: une balise de ce fichier n’en finit pas.")
            yield
        parser.close()
        yield
    except DefusedXmlException:
        raise Refusal(
            "Ce fichier XML déclare un type de document ou des entités\u00a0: un échange du système national n’en a "
            "pas, et Palier n’en lit jamais."
        ) from None
    except ParseError as error:
        raise Refusal(
            f"Ce fichier XML est mal formé, ligne {error.position[0]}, colonne {error.position[1]}."
        ) from None
    except (LookupError, UnicodeError):
        raise Refusal("Ce fichier XML annonce un encodage que Palier ne lit pas. Enregistrez-le en UTF-8.") from None
