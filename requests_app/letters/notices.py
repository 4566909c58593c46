"""The notices there are: their words stand in `shipped` by language, those to the team in `templates/letters`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reader(StrEnum):
    """Whom a notice is for."""

    PERSON = "person"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice.

    Args:
        name: of its words, and of `OutboxMail.template`.
        label: what the console calls it.
        when: when it is sent.
        has_export: whether it tells of files.
    """

    name: str
    label: str
    when: str
    has_export: bool = False
    reader: Reader = Reader.PERSON


NOTICES: dict[str, Notice] = {
    notice.name: notice
    for notice in (
        Notice("confirm", "Please confirm your mailbox", "as soon as somebody has sent the form"),
        Notice("already_open", "Your request is open already", "when the same is asked for again within a day"),
        Notice("identity", "Please show us who you are", "when more than the mailbox has to be shown"),
        Notice("received", "Your request was received", "once the mailbox is confirmed"),
        Notice("ready", "Your data is ready", "once the files are made", has_export=True),
        Notice("nothing_held", "No data is held about you", "once it is clear that there is none", has_export=True),
        Notice("completed", "Your request is completed", "when the team completes a request by hand"),
        Notice("decision_reviewed", "Your decision was reviewed", "when the review of a decision is concluded"),
        Notice("erased", "What was erased", "once an erasure is done, or nothing is held"),
        Notice("refused", "Your request was refused", "when a second person approves a refusal"),
        Notice("partial", "Your request is answered in part", "when a part of the answer is refused", has_export=True),
        Notice("appeal_received", "We have your appeal", "when the person appeals, or complains to you"),
        Notice("appeal_answered", "Our answer to your appeal", "when an appeal or a complaint is answered"),
        Notice("withdrawn", "Your request was withdrawn", "when a request is withdrawn"),
        Notice("duplicate", "Answered with another request", "when the team closes a request that was made twice"),
        Notice("download_code", "The code for a download", "before sensitive data is downloaded"),
        Notice("new_links", "New links for a request", "when the team has ended the links before", has_export=True),
        Notice("question", "A question about your request", "when the team asks the person something"),
        Notice("message", "A message about your request", "when the team writes to the person"),
        Notice("extended", "We need longer for your request", "when a manager approves an extension"),
        Notice("progress", "Your request is being worked on", "when it takes longer, and shortly before it is due"),
        Notice("undownloaded", "Your files will be deleted soon", "when nobody downloaded them yet", has_export=True),
        Notice(
            "represent", "Please confirm that you ask for somebody", "as soon as somebody has asked for somebody else"
        ),
        Notice("authority", "Somebody asks in your name", "when the person is asked about their representative"),
        Notice("authority_accepted", "Somebody acts for you", "once an authority is accepted"),
        Notice("authority_refused", "We cannot act on your request", "when an authority is not accepted"),
        Notice("authority_ended", "An authority has ended", "to both, when an authority is ended"),
        Notice("answer_given", "Our answer went to your representative", "when somebody else was sent the answer"),
        Notice("expired", "Your files were deleted", "when files that nobody downloaded are deleted"),
        Notice(
            "transferred",
            "Another service fetched your files",
            "the first time files are fetched that were handed over",
        ),
        Notice("lapsed", "Your request was closed", "when who proved the mailbox never showed who they are"),
        Notice("corrections_open", "You can now say what is wrong", "once the sources are read for a correction"),
        Notice("rectified", "What was corrected", "when every correction is decided on and written"),
        Notice("restricted", "The use of your data is restricted", "once a restriction has taken effect everywhere"),
        Notice("objected", "A use of your data has stopped", "once an objection has taken effect everywhere"),
        Notice("preferences", "Your preferences", "when somebody asks for the link to their preferences"),
        Notice("lifting_announced", "A restriction is about to end", "when the end of a restriction is announced"),
        Notice("lifted", "A restriction of your data ends", "when a restriction is lifted"),
        Notice("reminders", "A request needs you", "when a deadline comes near or is over", reader=Reader.STAFF),
        Notice("digest", "Requests that need you", "every morning, to those who want it", reader=Reader.STAFF),
        Notice("source_drifted", "A data source has changed", "to managers, by night", reader=Reader.STAFF),
    )
}


def label_of(template: str) -> str:
    """Give what the console calls a notice; an old name that is no more stands as it is."""
    notice = NOTICES.get(template)
    return notice.label if notice else template
