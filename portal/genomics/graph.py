"""The resources of one reading as a graph: who they are, and what their references point to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import UTC, datetime
from urllib.parse import quote, unquote

import msgspec

from portal.genomics.decimals import exact
from portal.genomics.documents import SourceResource, WholeResource
from portal.genomics.elements import NOTHING, Node
from portal.genomics.faces import PERSON_FIELDS, FacedResource, status_of
from portal.genomics.identifiers import Identifiers, identifier_pairs
from portal.genomics.older import as_r4

_NO_VERSION = (0, "")
_LINKS = ("result", "hasMember", "derivedFrom", "reasonReference", "parent", "basis")


class Item(msgspec.Struct, eq=False, gc=False):
    """One resource, top-level or contained. Of an ordinary one only its face is at hand."""

    source: SourceResource
    face: FacedResource | None
    key: str
    type: str
    id: str
    name: str
    full_url: str
    path: str
    base: str
    root: "Item | None" = None
    index: int = 0  # among the contained ones
    held: Node | None = None
    stated_person: str | None = None
    is_exact: bool = False  # its numbers are held as they were written

    @property
    def body(self) -> Node:
        """All of the resource."""
        if self.held is None:
            self.held = as_r4(self.source.body) if self.root is None else self._inside(self.root)
        return self.held

    def read_exactly(self) -> None:
        """Hold the numbers in it as they were written."""
        if self.is_exact:
            return
        self.is_exact = True
        if self.root is None:
            sent = self.source.body
            found = exact(sent, self.source.raw)
            if found is not sent:
                self.held = as_r4(found)
        else:
            self.root.read_exactly()
            self.held = self._inside(self.root)

    def _inside(self, root: "Item") -> Node:
        listed = root.body.get("contained")
        return as_r4(dict(listed[self.index])) if isinstance(listed, list) else NOTHING

    @property
    def person(self) -> str:
        """The reference to the person that the resource is about, as sent, or nothing."""
        if self.stated_person is None:
            stated = references_of(self, PERSON_FIELDS, by_identifier=False)
            self.stated_person = next(stated, "")
        return self.stated_person

    @property
    def version(self) -> tuple[int, str]:
        """What orders the versions of one resource: version number, then moment."""
        return _version(self.body) if "meta" in self.body else _NO_VERSION

    @property
    def status(self) -> str:
        """The status without stray blanks."""
        return status_of(self.body) if self.face is None else self.face.status


def _item(source: SourceResource) -> Item:
    if isinstance(source, WholeResource):
        return _item_of(source, source.body)
    full_url = source.full_url.strip()
    base = _base(full_url, source.name) if full_url else ""
    return Item(
        source, source, source.key, source.type, source.id, source.name, full_url, source.path,
        base, stated_person=source.person,
    )  # fmt: skip


def _item_of(source: SourceResource, body: Node, root: Item | None = None) -> Item:
    """Name the resource: Type/id, else its address, else its place in the document."""
    full_url = source.full_url.strip()
    kind, local = _text(body.get("resourceType")), _text(body.get("id"))
    if not local and source.key.startswith(f"{kind}/"):
        # Whoever keeps resources without an id may name them in the key: Type/urn:uuid:…
        local = source.key.removeprefix(f"{kind}/")
    own = local or full_url or source.path or source.key
    name = f"{kind}/{local}" if local else own
    base = _base(full_url, name) if full_url else ""
    return Item(
        source,
        None,
        source.key,
        kind,
        own,
        name,
        full_url,
        source.path,
        base,
        root,
        held=as_r4(body),
    )


def _base(full_url: str, name: str) -> str:
    """Return the server that a resource's address names, or nothing."""
    tail = f"/{name}"
    return same_server(full_url[: -len(tail)]) if full_url.endswith(tail) else ""


def same_server(address: str) -> str:
    """Return an address without its scheme: proxies make http of https."""
    return address.removeprefix("https://").removeprefix("http://").rstrip("/")


def _newest(versions: Iterable[Item]) -> Item:
    """Return the newest version; of equal ones the last."""
    found = list(versions)
    return max(enumerate(found), key=lambda pair: (pair[1].version, pair[0]))[1]


def _text(raw: object) -> str:
    return raw.strip() if isinstance(raw, str) else ""


def _version(body: Node) -> tuple[int, str]:
    """Return what orders the versions of one resource: version number, then moment."""
    meta = body.get("meta")
    if not isinstance(meta, dict):
        return 0, ""
    number = _text(meta.get("versionId"))
    plain = number.isdecimal() and len(number) <= _MOST_DIGITS
    return int(number) if plain else 0, _in_utc(_text(meta.get("lastUpdated")))


def _in_utc(moment: str) -> str:
    """Return a moment so that its letters sort by time, also across zones; else as sent."""
    try:
        told = datetime.fromisoformat(moment)
    except ValueError:
        return moment
    aware = told if told.tzinfo else told.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="microseconds")


_MOST_DIGITS = 18


def _contained(root: Item) -> Iterator[Item]:
    if root.face is not None:
        for index, face in enumerate(root.face.contained):
            place = f"{root.path}.contained[{index}]"
            key, name = f"{root.key}#{face.id}", f"{root.name}#{face.id}"
            yield Item(
                root.source, face, key, face.type, face.id, name, "", place, "", root, index,
                stated_person=face.person,
            )  # fmt: skip
        return
    raw = root.body.get("contained")
    given: set[str] = set()
    for index, body in enumerate(raw if isinstance(raw, list) else []):
        if not isinstance(body, dict) or not _text(body.get("resourceType")):
            continue
        item = _item_of(root.source, body, root)
        local = _text(body.get("id")).removeprefix("#")
        local = "" if local in given else local
        given.add(local)
        mark = f"#{local}" if local else f"#contained[{index}]"
        item.id = local or f"{root.id}{mark}"
        item.key, item.name, item.full_url = f"{root.key}{mark}", f"{root.name}{mark}", ""
        item.path, item.index = f"{root.path}.contained[{index}]", index
        yield item


class Graph:
    """All resources of a reading, and the older versions that a newer one replaced."""

    def __init__(self, resources: Iterable[SourceResource]) -> None:
        """Index the resources, the newest version of each."""
        self.items: list[Item] = []
        self.plain: list[FacedResource] = []  # of which only the face matters, as far as is known
        self.named_people: set[str] = set()  # by what is plain, or was taken for it
        self.replaced: list[tuple[Item, Item]] = []
        self.contained: dict[str, list[Item]] = {}
        self._hidden: frozenset[str] = frozenset()
        self.read: list[Item] = []  # of which more than the face matters, or may matter
        self._named: dict[str, Item | FacedResource] = {}
        self._same: dict[str, list[Item]] = {}  # where several have one name
        self._current: dict[tuple[str, str], Item] = {}
        self._local: dict[str, Item | FacedResource | None] = {}  # None where several have one id
        self._addressed: dict[str, Item] = {}
        self._identifiers: Identifiers[Item] | None = None
        for item in self._indexed(resources):
            self._keep(item)

    def _indexed(self, resources: Iterable[SourceResource]) -> list[Item]:
        """Name all resources, and make items of those that are not plain."""
        found: list[Item] = []
        same: dict[str, list[Item | FacedResource]] = {}
        keep, people, named = self.plain.append, self.named_people, self._named
        for source in resources:
            one: Item | FacedResource
            if (  # of most of a person's record this is all that is done
                isinstance(source, FacedResource)
                and not source.results
                and not source.full_url
                and ":" not in source.id
            ):
                one = source
                keep(source)
                people.add(source.person)
                if source.contained:
                    people.update(inner.person for inner in source.contained)
            else:
                one = _item(source)
                found.append(one)
            name = one.name
            first = named.setdefault(name, one)
            if first is not one:
                same.setdefault(name, [first]).append(one)
        return found + self._with_versions(same) if same else found

    def _with_versions(self, same: Mapping[str, list[Item | FacedResource]]) -> list[Item]:
        """Keep what has one name in its order; return the items made of what was plain."""
        made: list[Item] = []
        for name, versions in same.items():
            items = [one if isinstance(one, Item) else _item(one) for one in versions]
            made += [new for new, old in zip(items, versions, strict=True) if new is not old]
            self._same[name], self._named[name] = items, items[0]
        self.plain = [one for one in self.plain if one.name not in same]
        return made

    def read_more_of(self, keys: Set[str]) -> None:
        """Take out of what is plain that of which more than the face turns out to matter."""
        keys = keys - {item.key for item in self.items}
        more = {one.key for one in self.plain if one.key in keys} if keys else set()
        more |= {
            root
            for root, inside in self.contained.items()
            if any(one.key in keys for one in inside)
        }
        taken = [one for one in self.plain if one.key in more] if more else []
        for source in taken:
            self.items += (self.item_of(source), *self.contained.get(source.key, ()))
        if taken:
            self.plain = [one for one in self.plain if one.key not in more]

    def item_of(self, source: FacedResource) -> Item:
        """Return the item of a plain resource, the same at each call."""
        known = self._named[source.name]
        if isinstance(known, Item):
            return known
        item = self._named[source.name] = _item(known)
        self._index_contained(item)
        return item

    def _keep(self, item: Item) -> None:
        """Index a resource, unless a newer version of it is here."""
        if item.name in self._same:
            current = self._current_of(item)
            if current is not item:
                self.replaced.append((item, current))
                return
        self.items.append(item)
        if item.full_url:
            self._addressed[item.full_url] = item
        if ":" in item.id:
            self._addressed.setdefault(item.id, item)
        face = item.face
        if face is None or face.results:
            self.read.append(item)
        inside = self._index_contained(item)
        self.items += inside
        self.read += [one for one in inside if one.face is None]

    def _index_contained(self, item: Item) -> list[Item]:
        if not item.face.contained if item.face is not None else "contained" not in item.body:
            return []
        found = self.contained[item.key] = list(_contained(item))
        for one in found:
            self._addressed.setdefault(one.name, one)
        return found

    def _current_of(self, item: Item) -> Item:
        same = self._same.get(item.name)
        if same is None:
            return item
        place = (item.base, item.name)
        if place not in self._current:
            self._current[place] = _newest(one for one in same if one.base == item.base)
        return self._current[place]

    def hide(self, keys: frozenset[str]) -> None:
        """Let no reference lead to these resources any more: they are about somebody else."""
        self._hidden = keys

    def resolve(self, reference: str, origin: Item) -> Item | None:
        """Return the resource that a reference points to, or None when it is not here."""
        found = self._find(reference, origin) if reference else None
        return None if found is not None and found.key in self._hidden else found

    def is_hidden(self, reference: str, origin: Item) -> bool:
        """Tell whether a reference leads to a resource that is here, and about somebody else."""
        found = self._find(reference, origin) if reference else None
        return found is not None and found.key in self._hidden

    def _find(self, reference: str, origin: Item) -> Item | None:
        if reference.startswith("#"):
            root = origin.root or origin
            return root if reference == "#" else self._addressed.get(f"{root.name}{reference}")
        reference = reference.split("/_history/", 1)[0]
        found = self._addressed.get(reference)
        if found is not None:
            return found
        if "?" in reference:
            return self._by_identifier(reference)
        if "#" in reference:
            return self._inside(reference, origin)
        if reference.startswith("urn:uuid:"):
            return self._by_local_id(reference.removeprefix("urn:uuid:"))
        return self._by_name(reference, (origin.root or origin).base)

    def _by_identifier(self, reference: str) -> Item | None:
        """Return the one resource that Type?identifier=system|value means, of any type if none."""
        kind, _, asked = reference.partition("?identifier=")
        system, _, value = unquote(asked).partition("|")
        if self._identifiers is None:
            roots = [item for item in self.items if item.root is None]
            faces = [item.face for item in roots if item.face is not None]
            read = [item for item in roots if item.face is None]
            self._identifiers = Identifiers(read, [*self.plain, *faces])
        found = self._identifiers.find(kind, system, value)
        if len(found) != 1:
            return None
        return found[0] if isinstance(found[0], Item) else self.item_of(found[0])

    def _inside(self, reference: str, origin: Item) -> Item | None:
        """Return what another resource contains; of a plain one it is indexed only now."""
        self._find(reference.split("#", 1)[0], origin)
        return self._addressed.get(reference)

    def _by_name(self, reference: str, base: str) -> Item | None:
        """Return the resource of a Type/id; an address of another server leads only there."""
        parts = reference.rsplit("/", 2)
        absolute = len(parts) > 2  # noqa: PLR2004
        server = same_server(parts[0]) if absolute else base
        candidates = self._all_named("/".join(parts[-2:]))
        same = [item for item in candidates if item.base == server]
        if not same and not (absolute and base and server != base):
            same = [item for item in candidates if not item.base or not server]
        bases = {item.base for item in same}
        return self._current_of(same[0]) if len(bases) == 1 else None

    def _all_named(self, name: str) -> list[Item]:
        if name in self._same:
            return self._same[name]
        found = self._named.get(name)
        if found is None:
            return []
        return [found if isinstance(found, Item) else self.item_of(found)]

    def _by_local_id(self, local: str) -> Item | None:
        if not self._local:
            self._index_local_ids()
        found = self._local.get(local)
        return self.item_of(found) if isinstance(found, FacedResource) else found

    def _index_local_ids(self) -> None:
        self._local = {one.id: one for one in self.plain}
        if len(self._local) < len(self.plain):
            times = Counter(one.id for one in self.plain)
            self._local.update((local, None) for local, count in times.items() if count > 1)
        for item in self.items:
            if self._local.setdefault(item.id, item) is not item:
                self._local[item.id] = None

    def linked(self, item: Item, names: Iterable[str] = _LINKS) -> Iterator[Item]:
        """Yield the resources that an item's references point to."""
        for reference in references_of(item, names):
            target = self.resolve(reference, item)
            if target is not None:
                yield target


def references_of(item: Item, names: Iterable[str], *, by_identifier: bool = True) -> Iterator[str]:
    """Yield the references that stand in some elements of a resource, as sent.

    One that has only an identifier is given in the form that a transaction has for it.
    """
    body = item.body
    for name in names:
        if name not in body:
            continue
        raw = body[name]
        for one in raw if isinstance(raw, list) else (raw,):
            target = _text(one.get("reference")) if isinstance(one, dict) else ""
            target = target or (identified(one) if by_identifier else "")
            if target:
                yield target


def identified(link: object) -> str:
    """Return Type?identifier=system|value for a reference that has only an identifier."""
    if not isinstance(link, dict) or "identifier" not in link or _text(link.get("reference")):
        return ""
    pair = next(identifier_pairs(link["identifier"]), None)
    return f"{_text(link.get('type'))}?identifier={quote('|'.join(pair))}" if pair else ""


def extension_references(item: Item) -> Iterator[str]:
    """Yield the references that stand directly in the extensions of a resource."""
    raw = item.body.get("extension")
    for one in raw if isinstance(raw, list) else []:
        target = one.get("valueReference") if isinstance(one, dict) else None
        if isinstance(target, dict) and _text(target.get("reference")):
            yield _text(target["reference"])


def person_words(item: Item) -> str:
    """Return how a resource names its person where it holds no reference."""
    for name in PERSON_FIELDS:
        raw = item.body.get(name)
        if isinstance(raw, dict) and not _text(raw.get("reference")):
            identifier = raw.get("identifier")
            value = identifier.get("value") if isinstance(identifier, dict) else ""
            return _text(raw.get("display")) or _text(value)
    return ""


def person_identifier(item: Item) -> tuple[str, str] | None:
    """Return the identifier by which a resource without a reference names its person."""
    for name in PERSON_FIELDS:
        raw = item.body.get(name)
        if isinstance(raw, dict) and not _text(raw.get("reference")):
            return next(identifier_pairs(raw.get("identifier")), None)
    return None
