"""What other contexts may ask of people."""

from palier.people.doubles import Level, Similarity, similarity
from palier.people.enums import Civility, MemberRole
from palier.people.holders import register as register_holder
from palier.people.names import parse as parse_search
from palier.people.rules import AddressData, Identity, MemberData, check_birth_date, household_label
from palier.people.selectors import Double, Found, Match, find, probable_doubles
from palier.people.services import (
    create_household,
    delete_household,
    set_identifier,
    set_language,
    update_household,
)

# An identity that is about to be written.
PersonData = Identity

__all__ = (
    "AddressData",
    "Civility",
    "Double",
    "Found",
    "Identity",
    "Level",
    "Match",
    "MemberData",
    "MemberRole",
    "PersonData",
    "Similarity",
    "check_birth_date",
    "create_household",
    "delete_household",
    "find",
    "household_label",
    "parse_search",
    "probable_doubles",
    "register_holder",
    "set_identifier",
    "set_language",
    "similarity",
    "update_household",
)
