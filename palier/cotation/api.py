"""Cotation for every other context: read a grid, score a demand, explain it, compare two scores."""

from palier.cotation.catalogue import DWELLINGS, FIELDS
from palier.cotation.changes import grid_changes
from palier.cotation.compare import Change, compare
from palier.cotation.control import Finding, check_source, control
from palier.cotation.engine import CompiledGrid, compile_grid, evaluate
from palier.cotation.facts import BORN, PROTECTED, STAMP, TYPES, Facts, WrongFacts, read_facts
from palier.cotation.grammar import check_grid, read_grid
from palier.cotation.models import GridVersion
from palier.cotation.outlook import Outlook, facts_read, is_confidential, outlook, pieces_read
from palier.cotation.position.rules import Waiting, about
from palier.cotation.position.selectors import (
    Sought,
    Standing,
    WaitingTimes,
    attribution_file,
    smallest_of,
    standing,
    waiting_times,
)
from palier.cotation.position.services import record_attribution
from palier.cotation.score import Line, ProofState, Score, State, Status
from palier.cotation.selectors import grid_in_force, versions_since
from palier.cotation.services import load_grid
from palier.cotation.stock.runs import RunScore, ShownRun, scores_of, shown_sql, start_due
from palier.cotation.stock.source import Provider, register, stock_of
from palier.cotation.trials import Example, Gap, check_examples, gaps, read_examples

__all__ = [
    "BORN",
    "DWELLINGS",
    "FIELDS",
    "PROTECTED",
    "STAMP",
    "TYPES",
    "Change",
    "CompiledGrid",
    "Example",
    "Facts",
    "Finding",
    "Gap",
    "GridVersion",
    "Line",
    "Outlook",
    "ProofState",
    "Provider",
    "RunScore",
    "Score",
    "ShownRun",
    "Sought",
    "Standing",
    "State",
    "Status",
    "Waiting",
    "WaitingTimes",
    "WrongFacts",
    "about",
    "attribution_file",
    "check_examples",
    "check_grid",
    "check_source",
    "compare",
    "compile_grid",
    "control",
    "evaluate",
    "facts_read",
    "gaps",
    "grid_changes",
    "grid_in_force",
    "is_confidential",
    "load_grid",
    "outlook",
    "pieces_read",
    "read_examples",
    "read_facts",
    "read_grid",
    "record_attribution",
    "register",
    "scores_of",
    "shown_sql",
    "smallest_of",
    "standing",
    "start_due",
    "stock_of",
    "versions_since",
    "waiting_times",
]
