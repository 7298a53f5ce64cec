from django.urls import path

from palier.demand import indication_views, life_views, views
from palier.demand.exchange import asking_views as asking
from palier.demand.exchange import export_views as leaving
from palier.demand.exchange import views as exchange
from palier.demand.followup import views as followup
from palier.demand.followup import worklist_views
from palier.demand.form import views as form
from palier.demand.handicap import views as handicap
from palier.demand.listing import views as listing
from palier.demand.pieces import views as pieces
from palier.demand.priorities import views as priorities

app_name = "demand"
urlpatterns = [
    path("", listing.index, name="list"),
    path("filtrer/", listing.filter_form, name="filter"),
    path("colonnes/", listing.dictionary, name="dictionary"),
    *(path(f"export.{kind}", listing.export, {"kind": kind}, name=f"export_{kind}") for kind in ("csv", "xlsx", "ods")),
    path("nouvelle/", views.new, name="new"),
    path("nouvelle/organisme/", views.new_organisation, name="new_organisation"),
    path("imports/", exchange.index, name="imports"),
    path("imports/<int:pk>/", exchange.one, name="import"),
    path("imports/<int:pk>/colonnes/", exchange.columns, name="import_columns"),
    path("imports/<int:pk>/enregistrer/", exchange.write, name="import_write"),
    path("imports/<int:pk>/codes/", exchange.codes, name="import_codes"),
    path("imports/<int:pk>/lignes/", exchange.rows, name="import_rows"),
    path("imports/<int:pk>/lignes/<int:line>/", exchange.row, name="import_row"),
    path("imports/<int:pk>/annuler/", exchange.undo, name="import_undo"),
    path("imports/<int:pk>/erreurs.csv", exchange.faults, name="import_faults"),
    path("imports/<int:pk>/supprimer/", exchange.delete, name="import_delete"),
    path("export/", leaving.export, name="export"),
    path("<int:pk>/systeme-national/", leaving.sne, name="sne"),
    path("<int:pk>/systeme-national/fichier/", leaving.sne_file, name="sne_file"),
    path("<int:pk>/systeme-national/doubles/", asking.doubles, name="sne_doubles"),
    path("<int:pk>/systeme-national/relire/", leaving.sne_read, name="sne_read"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/rubrique/<slug:section>/", form.rubric, name="rubric"),
    path("<int:pk>/question/", form.resume, name="questions"),
    path("<int:pk>/question/<slug:question>/", form.question, name="question"),
    path("<int:pk>/reponses/", form.answers, name="answers"),
    path("<int:pk>/handicap/", handicap.index, name="handicap"),
    path("<int:pk>/handicap/<int:rank>/", handicap.edit, name="handicap_edit"),
    path("<int:pk>/enregistrer/", views.register, name="register"),
    path("<int:pk>/mettre-a-jour/", views.update, name="update"),
    path("<int:pk>/abandonner/", views.discard, name="discard"),
    path("<int:pk>/supprimer/", views.delete, name="delete"),
    path("<int:pk>/numero/", views.nud, name="nud"),
    path("<int:pk>/numero/demander/", asking.number, name="nud_ask"),
    path("<int:pk>/reception/", views.reception, name="reception"),
    path("<int:pk>/reception/annuler/", views.reopen_reception, name="reopen_reception"),
    path("<int:pk>/piece/<slug:criterion>/", views.proof, name="proof"),
    path("<int:pk>/pieces/", pieces.index, name="pieces"),
    path("<int:pk>/pieces/demander/", pieces.ask, name="pieces_ask"),
    path("<int:pk>/pieces/verser/", pieces.share, name="pieces_share"),
    path("<int:pk>/pieces/document/<int:file>/", pieces.open_file, name="piece_file"),
    path("<int:pk>/pieces/document/<int:file>/supprimer/", pieces.delete_file, name="piece_file_delete"),
    path("<int:pk>/pieces/<slug:slot>/", pieces.one, name="piece"),
    path("<int:pk>/pieces/<slug:slot>/ajouter/", pieces.add, name="piece_add"),
    path("<int:pk>/comparer/", views.compare, name="compare"),
    path("<int:pk>/parmi/", views.standing, name="standing"),
    path("<int:pk>/indications/", indication_views.indications, name="indications"),
    path("<int:pk>/calendrier/", life_views.timeline, name="timeline"),
    path("<int:pk>/renouveler/", life_views.renew, name="renew"),
    path("<int:pk>/radier/", life_views.strike_off, name="strike_off"),
    path("<int:pk>/radier/annuler/", life_views.undo_strike_off, name="undo_strike_off"),
    path("<int:pk>/rappel/", life_views.reminder, name="reminder"),
    path("<int:pk>/avis/", life_views.notice, name="notice"),
    path("suivi/", worklist_views.index, name="worklists"),
    path("suivi/export.csv", worklist_views.export, name="worklist_export"),
    path("<int:pk>/priorites/", priorities.priorities, name="priorities"),
    path("<int:pk>/suivi/", followup.chronology_page, name="followup"),
    path("<int:pk>/suivi/attestation/", followup.commission_day, name="commission_day"),
    path("<int:pk>/suivi/noter/", followup.enter, name="followup_enter"),
    path("<int:pk>/suivi/<int:event>/corriger/", followup.correct, name="followup_correct"),
    path("<int:pk>/suivi/<int:event>/annuler/", followup.cancel, name="followup_cancel"),
    path("<int:pk>/historique/", views.history, name="history"),
    path("<int:pk>/fiche/", views.sheet, name="sheet"),
    path("<int:pk>/nouvelle-grille/", views.grid_change, name="grid_change"),
    path("<int:pk>/nouvelle-grille/lettre/", views.grid_letter, name="grid_letter"),
]
