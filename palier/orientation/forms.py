"""The questionnaire, drawn from the territory's questions."""

from typing import Any

from django import forms

from palier.common.forms import PalierForm
from palier.orientation.rules import COMMUNE, ELSEWHERE, Answers, Question, QuestionKind
from palier.orientation.selectors import Desk

UNKNOWN = "Cette réponse ne fait pas partie des choix. Choisissez dans la liste."


class AdviceForm(PalierForm):
    """A few plain questions. Only the commune is required."""

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        for question in desk.guide.questions:
            self.fields[question.code] = _field(question, desk)

    def answers(self) -> Answers:
        """What was chosen, question by question. The form must be valid."""
        return {
            code: frozenset(value if isinstance(value, list) else [value])
            for code, value in self.cleaned_data.items()
            if value
        }

    def kept(self) -> list[tuple[str, str]]:
        """The answers as hidden fields of the next form, confidential ones left out."""
        secret = {question.code for question in self.desk.guide.questions if question.confidential}
        return [
            (code, value) for code, values in self.answers().items() if code not in secret for value in sorted(values)
        ]

    def again(self) -> "AdviceForm":
        """The same questions with the same answers, to be changed."""
        return AdviceForm(
            self.desk,
            initial={
                code: field.widget.value_from_datadict(self.data, self.files, code)
                for code, field in self.fields.items()
            },
        )


def _field(question: Question, desk: Desk) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help,
        "required": not question.optional,
    }
    if question.code == COMMUNE:
        choices = [
            ("", "Choisissez votre commune"),
            *desk.communes.items(),
            (ELSEWHERE, "Une autre commune"),
        ]
        messages = {"required": "Choisissez votre commune dans la liste.", "invalid_choice": UNKNOWN}
        return forms.ChoiceField(choices=choices, error_messages=messages, **common)
    choices = [(choice.code, choice.label) for choice in question.choices]
    if question.kind is QuestionKind.MANY:
        messages = {"required": "Cochez au moins une réponse.", "invalid_choice": UNKNOWN, "invalid_list": UNKNOWN}
        return forms.MultipleChoiceField(
            choices=choices, error_messages=messages, widget=forms.CheckboxSelectMultiple, **common
        )
    messages = {"required": "Choisissez une réponse.", "invalid_choice": UNKNOWN}
    return forms.ChoiceField(choices=choices, error_messages=messages, widget=forms.RadioSelect, **common)
