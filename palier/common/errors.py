"""What a service answers when it will not do what is asked."""


class Refusal(Exception):
    """A refusal carries one sentence in French that the page shows, and the field it is about if any."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Conflict(Refusal):
    """Somebody else changed the same thing in between. `theirs` is what is stored now."""

    def __init__(self, sentence: str, theirs: object = None) -> None:
        super().__init__(sentence)
        self.theirs = theirs
