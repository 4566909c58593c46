"""What a download is called and what it is, as its headers say."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.http import content_disposition_header

from requests_app.models import Export
from requests_app.packed import UnknownMember

_NEVER_KEPT = {"Cache-Control": "no-cache, no-store, must-revalidate", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class Member:
    """A single file of an export, as its manifest lists it."""

    path: str
    media_type: str
    size_bytes: int
    sha256: str

    @property
    def name(self) -> str:
        """What it is called once it is on the person's device."""
        return self.path.rpartition("/")[2]


def member_of(export: Export, number: int) -> Member:
    """Look a file of an export up by its number, which counts from 0.

    Raises:
        UnknownMember: there is none, or it cannot be given by itself.
    """
    is_packed = export.media_type == Export.MediaType.ZIP and not export.is_protected
    if not is_packed or number not in range(len(export.members)):
        raise UnknownMember("There is no such file to be had by itself.")
    listed = export.members[number]
    return Member(listed["path"], listed["media_type"], listed["bytes"], listed["sha256"])


def headers_of(export: Export, member: Member | None = None) -> dict[str, str]:
    """Give the headers that describe all the files together, or a single one, whether or not they are sent."""
    if member is None:
        described = _described(export.media_type, export.download_name, export.sha256)
        return described | {"Accept-Ranges": "bytes", "Content-Length": str(export.size_bytes)}
    described = _described(member.media_type, member.name, member.sha256)
    return described | {"Accept-Ranges": "none", "Content-Length": str(member.size_bytes)}


def etag(sha256: str) -> str:
    """Write a checksum as a strong tag of the content (RFC 9110 §8.8.3); empty where there is none."""
    return f'"{sha256}"' if sha256 else ""


def _described(media_type: str, name: str, sha256: str) -> dict[str, str]:
    """Describe a file as one to be kept, never to be shown: what is in it is not the portal's own."""
    is_text = media_type.startswith("text/") and "charset" not in media_type
    return {
        "Content-Type": f"{media_type}; charset=utf-8" if is_text else media_type,
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment",
        **_NEVER_KEPT,
        **({"ETag": etag(sha256)} if sha256 else {}),
    }
