"""Issuing letters. The caller journals what it did with them."""

from collections.abc import Collection, Mapping
from typing import Any

from palier.common.actor import Actor
from palier.documents.enums import Channel
from palier.documents.models import Letter
from palier.documents.typeset import compile_pdf, find_template, fingerprint


def issue(
    actor: Actor,
    *,
    kind: str,
    subject_type: str,
    subject_id: int,
    template: str,
    data: Mapping[str, Any],
    household_id: int | None = None,
    channel: Channel = Channel.HANDED,
) -> tuple[Letter, bytes]:
    """Compile a letter dated `data["on"]` and keep the proof that it was given: its template, version and hash.

    Answers the row and the PDF, which is not kept: the same data give the same bytes. One query.
    """
    pdf = compile_pdf(template, data)
    letter = Letter.objects.create(
        kind=kind,
        subject_type=subject_type,
        subject_id=subject_id,
        household_id=household_id,
        template=template,
        version=find_template(template).version,
        sha256=fingerprint(pdf),
        channel=channel,
        issued_on=data["on"],
        issued_by_id=actor.user_id,
        place_id=actor.place_id,
    )
    return letter, pdf


def erase(subject_type: str, subject_ids: Collection[int]) -> None:
    """Erase the proof of letters about subjects that are themselves erased."""
    Letter.objects.filter(subject_type=subject_type, subject_id__in=subject_ids).delete()
