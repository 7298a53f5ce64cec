#!/bin/sh
# One entrance for everything: finds Python, installs what the command needs (locked by hash), runs it.
set -eu
cd "$(dirname "$0")"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

find_python() {
    for candidate in ${PALIER_PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 \
        "$HOME"/.pyenv/versions/3.1[1-9]*/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Palier a besoin de Python 3.11 ou plus récent. Indiquez-le ainsi : PALIER_PYTHON=/chemin/vers/python3 ./palier.sh …"
}

# install base|dev|e2e|spark: does nothing when that list was installed as it stands. Spark lives apart from Palier.
install() {
    venv=.venv
    [ "$1" != spark ] || venv=.venv-spark
    stamp="$venv/.installed-$1"
    wanted=$(cksum <"requirements/$1.txt")
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then return; fi
    if ! "$venv/bin/python" -c '' 2>/dev/null; then
        python=$(find_python)
        say "Préparation de l’environnement Python ($venv)…"
        "$python" -m venv --clear "$venv" || fail "Il manque le module venv de Python. Sous Debian : apt install python3-venv"
    fi
    say "Installation des bibliothèques (requirements/$1.txt)…"
    # Town halls often inspect TLS: trust the certificates of the system.
    export UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
    uv=$(command -v uv || echo .venv/bin/uv)
    [ -x "$uv" ] || .venv/bin/python -m pip install -q --require-hashes -r requirements/uv.txt >/dev/null 2>&1 || true
    "$uv" pip install -q --python "$venv/bin/python" --require-hashes -r "requirements/$1.txt" 2>/dev/null ||
        "$venv/bin/python" -m pip install -q --require-hashes -r "requirements/$1.txt" ||
        fail "L’installation a échoué. Vérifiez l’accès au dépôt de paquets Python, puis recommencez."
    echo "$wanted" >"$stamp"
}

# What tests need: the browser's driver only where there is a browser, or where its absence must be seen.
install_for_tests() {
    install base
    if [ "${CI:-}" = true ] || [ -n "${PALIER_CHROMIUM:-}" ] ||
        command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null 2>&1; then
        install e2e
    else
        install dev
    fi
}

# Everything CI verifies besides tests. Goes on after a failure, and says at the end what failed.
check() {
    bin=.venv/bin failed=
    export PALIER_MODE=test
    step() {
        say "== $1"
        title=$1
        shift
        "$@" || failed="$failed
   $title"
    }
    step "Style (ruff check)" $bin/ruff check .
    step "Mise en forme (ruff format)" $bin/ruff format --check --quiet .
    step "Types (mypy)" $bin/mypy
    step "Dépendances entre contextes (import-linter)" $bin/lint-imports --no-logo
    step "Orthographe (codespell)" $bin/codespell
    step "Gabarits (djlint)" $bin/djlint palier --lint --quiet
    step "Scripts (sh -n)" sh -n palier.sh
    step "Migrations à jour" $bin/python manage.py makemigrations --check --dry-run
    step "Cohérence (manage.py check)" $bin/python manage.py check
    step "Droits écrits (docs/rights.md)" same docs/rights.md $bin/python manage.py rights
    step "Verrous à jour (requirements/)" fresh_locks
    [ -z "$failed" ] || fail "Échecs :$failed"
    say "Tout est en ordre."
}

# same FILE COMMAND…: the file holds what the command prints.
same() {
    file=$1
    shift
    "$@" | diff "$file" - || {
        say "$file n’est plus à jour : relancez « $* > $file »."
        return 1
    }
}

# The locks say what pyproject.toml asks, without moving any version.
fresh_locks() {
    install uv
    for list in base dev e2e spark; do
        asked=pyproject.toml groups= constraint="-c requirements/base.txt"
        case $list in
        base) constraint= ;;
        dev) groups="--group dev" ;;
        e2e) groups="--group dev --group e2e --group bench" ;;
        spark) asked= groups="--group spark" ;;
        esac
        copy=$(mktemp)
        cp "requirements/$list.txt" "$copy"
        # shellcheck disable=SC2086
        UV_SYSTEM_CERTS=1 .venv/bin/uv pip compile $asked $groups --universal --generate-hashes --no-header -q \
            $constraint -o "$copy" >/dev/null &&
            diff "requirements/$list.txt" "$copy" || return 1
        rm -f "$copy"
    done
}

usage() {
    cat <<'FIN'
Palier : ./palier.sh COMMANDE [options]   (chaque commande explique ses options avec --help)

Essayer
  demo                     prépare et ouvre la démonstration, sans rien effacer
  demo-reset               recommence la démonstration à neuf, après confirmation
  accounts [--json]        les comptes de démonstration
Le territoire
  territory check DOSSIER  vérifie les fichiers d’un territoire, ligne par ligne
  territory load DOSSIER   les charge d’un bloc, en disant ce qui change
  territory new SIREN      prépare le dossier d’une intercommunalité de France
Les règles
  cotation evaluate        note une situation avec une grille
  cotation check GRILLE    dit les erreurs et les alertes d’une grille, et joue ses exemples
  cotation stock export F  écrit les demandes enregistrées, sans nom, pour d’autres essais
  cotation stock spark G D prépare une grille et les demandes pour Apache Spark
  cotation diff A B        dit en français ce qui change d’une grille à l’autre
  cotation fields          écrit la liste des champs qu’une grille peut lire
  cotation schema          écrit le schéma JSON des grilles, pour les éditeurs de texte
  law                      les paramètres de la loi, datés, avec leur source
  rights                   qui peut faire quoi (docs/rights.md)
  demand score NUMÉRO      la note d’une demande enregistrée, ligne par ligne
Le système national
  sne status [--connect]   dit si son service est réglé, et jusqu’à quand va le certificat
  sne fetch|radiations|dalo  y relit des demandes, dans un fichier que la page d’import accepte
Exploiter
  serve                    ouvre le site (avec --with-worker : et son ouvrier)
  worker                   fait les longs calculs et les travaux qui reviennent (ancrage, ménage…)
  migrate                  met la base de données à niveau
  backup DOSSIER           sauvegarde tout le service en un fichier
  restore FICHIER          remet une sauvegarde dans une installation vide
  erase [--dry-run]        efface les données nominatives dont la durée de conservation est passée
  pieces check|rekey       lit les documents des pièces sur le disque, ou les rechiffre
  journal verify           vérifie que le journal n’a pas été retouché
  accounts invite|close|reopen|reset  les comptes des professionnels
Développer
  test                     les tests
  test-spark               les tests d’Apache Spark (456 Mo à télécharger, Java 17)
  check                    tout ce que l’intégration continue vérifie en plus des tests
  bench NOM [--quick]      un banc de mesure (bench/)
FIN
}

manage() { exec .venv/bin/python manage.py "$@"; }

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
help | -h | --help)
    usage
    ;;
demo)
    install base
    manage demo "$@"
    ;;
demo-reset)
    install base
    manage demo --reset "$@"
    ;;
test)
    install_for_tests
    # Compiled code is kept even where the system asks not to: without it, tests take a third longer.
    PYTHONDONTWRITEBYTECODE='' exec .venv/bin/python -m pytest -n 2 "$@"
    ;;
test-spark)
    install base
    install dev
    install spark
    PALIER_SPARK="$PWD/.venv-spark/bin/python" exec .venv/bin/python -m pytest -n0 tests/spark "$@"
    ;;
check)
    install base
    install dev
    check
    ;;
bench)
    install base
    install e2e
    if [ "${1:-}" = spark ]; then
        install spark
        export PALIER_SPARK="$PWD/.venv-spark/bin/python"
    fi
    exec .venv/bin/python -m bench "$@"
    ;;
*)
    install base
    manage "$command" "$@"
    ;;
esac
