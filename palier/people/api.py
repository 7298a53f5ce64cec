"""What other contexts may ask of people."""

from palier.people.doubles import Similarity
from palier.people.enums import Civility, MemberRole, Verdict
from palier.people.erasing import erase_households, forget_words
from palier.people.finding import last as last_search
from palier.people.finding import start as start_search
from palier.people.holders import register as register_holder
from palier.people.loading import NewHousehold, Vocabulary, delete_households, load_households, member_ids
from palier.people.lookup import Chosen
from palier.people.merging import GONE as MERGED_ALREADY
from palier.people.merging import come_back, leave, merge
from palier.people.merging import forget as forget_merges
from palier.people.merging import undo as undo_merge
from palier.people.merging import undoable as undoable_merges
from palier.people.models import DoublePair, DoubleSearch, Merge
from palier.people.names import parse as parse_search
from palier.people.review import Pair, Placed, decide, has_applicant, open_pairs, pairs_for, places_of, waiting
from palier.people.review import reopen as reopen_pair
from palier.people.review import search as search_doubles
from palier.people.review import shown as shown_pairs
from palier.people.review import tell as tell_pair
from palier.people.rules import MOST_MEMBERS, AddressData, Identity, MemberData, e164, written
from palier.people.selectors import (
    Double,
    Found,
    Match,
    answering,
    find,
    neighbours,
    neighbours_sql,
    probable_doubles,
)
from palier.people.services import create_household, delete_household, forget_address, update_household
from palier.people.sides import LEFT, MERGED_FIELDS, RIGHT
from palier.people.sides import proposed as proposed_sides

# An identity that is about to be written.
PersonData = Identity

__all__ = (
    "LEFT",
    "MERGED_ALREADY",
    "MERGED_FIELDS",
    "MOST_MEMBERS",
    "RIGHT",
    "AddressData",
    "Chosen",
    "Civility",
    "Double",
    "DoublePair",
    "DoubleSearch",
    "Found",
    "Identity",
    "Match",
    "MemberData",
    "MemberRole",
    "Merge",
    "NewHousehold",
    "Pair",
    "PersonData",
    "Placed",
    "Similarity",
    "Verdict",
    "Vocabulary",
    "answering",
    "come_back",
    "create_household",
    "decide",
    "delete_household",
    "delete_households",
    "e164",
    "erase_households",
    "find",
    "forget_address",
    "forget_merges",
    "forget_words",
    "has_applicant",
    "last_search",
    "leave",
    "load_households",
    "member_ids",
    "merge",
    "neighbours",
    "neighbours_sql",
    "open_pairs",
    "pairs_for",
    "parse_search",
    "places_of",
    "probable_doubles",
    "proposed_sides",
    "register_holder",
    "reopen_pair",
    "search_doubles",
    "shown_pairs",
    "start_search",
    "tell_pair",
    "undo_merge",
    "undoable_merges",
    "update_household",
    "waiting",
    "written",
)
