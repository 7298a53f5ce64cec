"""What other contexts may ask of people."""

from palier.people.doubles import Similarity
from palier.people.enums import Civility, MemberRole, Verdict
from palier.people.holders import register as register_holder
from palier.people.loading import delete_households, load_households
from palier.people.names import parse as parse_search
from palier.people.review import Pair, decide, open_pairs
from palier.people.review import search as search_doubles
from palier.people.rules import MOST_MEMBERS, AddressData, Identity, MemberData, e164
from palier.people.selectors import Double, Found, Match, find, probable_doubles
from palier.people.services import create_household, delete_household, forget_address, update_household

# An identity that is about to be written.
PersonData = Identity

__all__ = (
    "MOST_MEMBERS",
    "AddressData",
    "Civility",
    "Double",
    "Found",
    "Identity",
    "Match",
    "MemberData",
    "MemberRole",
    "Pair",
    "PersonData",
    "Similarity",
    "Verdict",
    "create_household",
    "decide",
    "delete_household",
    "delete_households",
    "e164",
    "find",
    "forget_address",
    "load_households",
    "open_pairs",
    "parse_search",
    "probable_doubles",
    "register_holder",
    "search_doubles",
    "update_household",
)
