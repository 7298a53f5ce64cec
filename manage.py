#!/usr/bin/env python3
"""Entry point of every command; `./palier.sh COMMAND` calls it inside the virtual environment."""

import argparse
import os
import sys

# argparse asks gettext for its sentences, and Python ships no French ones.
FRENCH = {
    "usage: ": "usage : ",
    "%(prog)s: error: %(message)s\n": "%(prog)s : %(message)s\n",
    "the following arguments are required: %s": "il manque : %s",
    "unrecognized arguments: %s": "arguments inconnus : %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "valeur inconnue : %(value)r ; attendu : %(choices)s",
    "invalid %(type)s value: %(value)r": "valeur incorrecte : %(value)r",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s : %(message)s",
    "expected one argument": "une valeur est attendue",
    "expected at least one argument": "au moins une valeur est attendue",
    "positional arguments": "arguments",
    "show this help message and exit": "afficher cette aide",
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    argparse._ = lambda sentence: FRENCH.get(sentence, sentence)  # type: ignore[attr-defined]
    from django.core.management import BaseCommand, CommandError, ManagementUtility, get_commands

    class Entrance(ManagementUtility):
        """Django's own, answering in French to a command it does not know."""

        def fetch_command(self, subcommand: str) -> BaseCommand:
            if subcommand not in get_commands():
                sys.exit(f"Commande inconnue\u00a0: {subcommand}. «\u00a0./palier.sh help\u00a0» les donne toutes.")
            return super().fetch_command(subcommand)

    # Django's own options serve no user of Palier: they work, and no help lists them.
    BaseCommand.suppressed_base_arguments = {
        "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
        "--skip-checks",
    }  # fmt: skip
    # Django writes the name of the exception before its sentence, and the name of this file in each usage.
    CommandError.__name__ = "Palier\u00a0"
    Entrance(["palier.sh", *sys.argv[1:]]).execute()
