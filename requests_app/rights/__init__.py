"""The seven rights: what differs between them, one module each; everything shared lives in the stages."""

from __future__ import annotations

from requests_app.rights.answers import Answered, UnusableAnswer, told
from requests_app.rights.base import Choice, Question, Rules
from requests_app.rights.known import all_rights, find

__all__ = ["Answered", "Choice", "Question", "Rules", "UnusableAnswer", "all_rights", "find", "told"]
