from django.apps import AppConfig


class CotationConfig(AppConfig):
    name = "palier.cotation"

    def ready(self) -> None:
        from palier.common import queue
        from palier.cotation import files
        from palier.cotation.adoption import services as acts
        from palier.cotation.models import ScoringRun, Simulation
        from palier.cotation.position import files as attributions
        from palier.cotation.position.services import record_positions
        from palier.cotation.simulation import services as trials
        from palier.cotation.simulation import tasks as trial_tasks
        from palier.cotation.stock import runs
        from palier.journal import api as journal

        queue.watch(ScoringRun, runs.work)
        runs.after_run.append(record_positions)
        journal.describe(acts.ACTIONS)
        queue.watch(Simulation, trial_tasks.work)
        journal.describe(trials.ACTIONS)
        files.register()
        attributions.register()
        journal.describe(
            {
                "grid_draft": "Brouillon de grille",
                "grid_draft.created": "Brouillon de grille créé",
                "grid_draft.saved": "Brouillon de grille modifié",
                "grid_draft.restored": "Texte précédent d’un brouillon repris",
                "grid_draft.archived": "Brouillon de grille rangé",
                "grid_draft.reopened": "Brouillon de grille ressorti",
            }
        )
