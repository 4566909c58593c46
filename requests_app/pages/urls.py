"""The addresses of the public pages."""

from __future__ import annotations

from django.urls import path

from requests_app.pages import (
    appealing,
    asking,
    authority,
    certificates,
    confirming,
    conversing,
    downloading,
    feed,
    identifying,
    ordering,
    parts,
    represented,
    signed_in,
    status,
    unlocking,
)

urlpatterns = [
    *parts.urlpatterns(),
    path("", asking.ask, name="request-form"),
    path("sent", asking.show_sent, name="request-sent"),
    path("signed-in", signed_in.hand_over, name="signed-in"),
    path("signed-in/request", signed_in.ask, name="signed-in-request"),
    path("resend", asking.resend, name="request-resend"),
    path("c/<str:token>", confirming.confirm, name="confirm"),
    path("a/<str:token>", authority.decide, name="authority"),
    path("r/<str:token>", status.show_status, name="status"),
    path("r/<str:token>/authority/end", authority.end, name="authority-end"),
    path("r/<str:token>/represented/files", represented.hand_in, name="represented-files"),
    path("r/<str:token>/represented/download", represented.begin_download, name="represented-download"),
    path("r/<str:token>/live", status.show_live, name="status-live"),
    path("r/<str:token>/download", status.begin_download, name="status-download"),
    path("r/<str:token>/messages", conversing.send, name="status-message"),
    path("r/<str:token>/messages/read", conversing.note_read, name="status-messages-read"),
    path("r/<str:token>/messages/files/<int:number>", conversing.download_file, name="status-message-file"),
    path("r/<str:token>/identity/<int:number>", identifying.answer, name="status-identity"),
    path("r/<str:token>/identity/<int:number>/send", identifying.send, name="status-identity-send"),
    path("r/<str:token>/files", ordering.order_files, name="status-files"),
    path("r/<str:token>/protect", ordering.protect, name="status-protect"),
    path("r/<str:token>/appeal", appealing.appeal, name="status-appeal"),
    path("r/<str:token>/withdraw", status.withdraw, name="status-withdraw"),
    path("d/<str:token>", downloading.download, name="download"),
    path("d/<str:token>/files/<int:number>", downloading.download_member, name="download-member"),
    path("d/<str:token>/code", unlocking.enter_code, name="download-code"),
    path("d/<str:token>/code/send", unlocking.send_code, name="download-code-send"),
    path("calendar/<str:secret>.ics", feed.show_feed, name="calendar-feed"),
    path("certificates/", certificates.ask_number, name="certificates"),
    path("certificates/<str:number>", certificates.show_certificate, name="certificate"),
]
