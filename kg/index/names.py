"""Names and other spellings of nodes: what a reference means, and every key under which rows may have named it."""

from kg.index.cooperation.entities import Offering
from kg.index.lookups import split_edition
from kg.index.world import World
from kg.model.graph import NodeRef


def canonical(world: World, ref: NodeRef) -> NodeRef:
    """Return the node a written reference means: newest edition, known organisation by name, skill by alias."""
    if ref.kind == "occupation":
        return NodeRef(ref.kind, world.occupations.editions.node_key(ref.key))
    if ref.kind == "major":
        return NodeRef(ref.kind, world.majors.node_key(ref.key))
    if ref.kind == "skill":
        return NodeRef(ref.kind, world.skills.label(world.skills.resolve(ref.key)))
    if ref.kind in {"enterprise", "school"}:
        known = world.organisations.by_code.get(world.organisations.resolve(ref.key) or "")
        return known.ref if known else ref
    return ref


def spellings(world: World, ref: NodeRef) -> tuple[NodeRef, ...]:
    """Return every key under which rows may have stated edges to the node, its own first."""
    found = [ref]
    if ref.kind in {"occupation", "major"}:
        editions = world.occupations.editions if ref.kind == "occupation" else world.majors
        code, edition = split_edition(ref.key)
        if editions.newest(code) == edition:
            found.append(NodeRef(ref.kind, code))
    elif ref.kind == "skill":
        skill = world.skills.resolve(ref.key)
        found += [NodeRef(ref.kind, alias) for alias, name in world.skills.aliases.items() if name == skill]
        found.append(NodeRef(ref.kind, skill))
    elif ref.kind in {"enterprise", "school"}:
        known = world.organisations.by_code.get(ref.key)
        names = {ref.key, *([known.name] if known else [])}
        found += [NodeRef(kind, name) for kind in ("enterprise", "school") for name in sorted(names)]
    return tuple(dict.fromkeys(found))


def name_of(world: World, ref: NodeRef) -> str:
    """Return the name of a vocabulary or organisation node, else its key."""
    if ref.kind == "occupation":
        return world.occupations.name(world.occupations.resolve(ref.key))
    if ref.kind in {"enterprise", "school"}:
        return world.organisations.name(ref.key)
    if ref.kind == "district":
        return world.travel.names.get(ref.key, ref.key)
    if ref.kind == "major":
        return world.cooperation.major(world.majors.node_key(ref.key)).name
    if ref.kind == "chain" and ref.key in world.cooperation.chains:
        return world.cooperation.chains[ref.key].name
    return ref.key


def cohort_name(world: World, offering: Offering) -> str:
    """Return a cohort as people name it: major and year of intake."""
    major = world.cooperation.major(offering.major).name
    return major if offering.intake_year is None else f"{major} {offering.intake_year} 级"
