"""The agent's side menu: label, route, right needed. Shown in this order to those who hold the right."""

from typing import NamedTuple


class Entry(NamedTuple):
    label: str
    route: str
    right: str


MENU = [
    Entry("Aujourd’hui", "desk:today", "inform"),
    Entry("Demandes", "demand:list", "view_demand"),
    Entry("Doublons", "doubles:list", "register"),
    Entry("Suivi partagé", "demand:worklists", "view_demand"),
    Entry("Orienter", "orientation:advise", "inform"),
    Entry("Réseau", "portal:places", "inform"),
    Entry("Cotation", "cotation:index", "prepare_grid"),
    Entry("Valeurs du territoire", "territory:values", "set_values"),
    Entry("Délais", "desk:figures", "view_figures"),
    Entry("Doublons", "doubles:figures", "view_figures"),
    Entry("Journal", "desk:journal", "view_journal"),
    Entry("Comptes", "desk:accounts", "manage_accounts"),
]
