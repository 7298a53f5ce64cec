"""What other contexts may ask of documents."""

from palier.documents.enums import Channel
from palier.documents.models import Letter
from palier.documents.services import erase, issue
from palier.documents.typeset import WrongTemplate, compile_pdf

__all__ = ("Channel", "Letter", "WrongTemplate", "compile_pdf", "erase", "issue")
