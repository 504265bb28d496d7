"""What the page tells its user: problems, news, and questions."""

from __future__ import annotations

from collections.abc import Callable

from trame_server.state import State

from SAIMCore.errors import SaimError
from SAIMWeb.questions import Questions
from SAIMWeb.sentences import as_sentence

__all__ = ["Messages"]


class Messages:
    """The state ``problem``, ``notice`` and ``question`` of the page."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._questions = Questions()
        self.closing = False
        state.update({"problem": "", "notice": "", "question": ""})

    def begin_action(self) -> None:
        """The user does something: earlier messages are settled."""
        self._state.problem = self._state.notice = ""

    def complain(self, sentence: str) -> None:
        """An error that the user can act on."""
        self._state.problem = as_sentence(sentence)

    def say(self, sentence: str) -> None:
        """Something that was asked for is done."""
        self._state.notice = as_sentence(sentence)

    def do(self, act: Callable[[], None]) -> None:
        """Something that the user asks for, and that may ask back; its SaimErrors are said."""
        self.begin_action()
        self._attempt(lambda: self._questions.do(act))

    def agrees(self, question: str) -> bool:
        """Whether the user says yes; at the end of the program nobody can be asked any more."""
        return self.closing or self._questions.agrees(question)

    def answer(self, yes: bool) -> None:
        """The button under the question that was pressed."""
        self.begin_action()
        self._attempt(lambda: self._questions.answer(yes))

    def _attempt(self, act: Callable[[], None]) -> None:
        try:
            act()
        except SaimError as error:
            self.complain(str(error))
        self._state.question = self._questions.pending
        if self._questions.pending:
            # It says what is wrong, too.
            self._state.problem = ""
