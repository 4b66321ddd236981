"""What answers refuses."""

from comptoir.kit.errors import ComptoirError


class AnswerNotFound(ComptoirError):
    """There is no such question, or no such edition of it."""


class AnswerRefused(ComptoirError):
    """The words of an answer name something that there is not; ``field`` says which of them: question or body."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field
