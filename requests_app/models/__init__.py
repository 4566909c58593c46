"""The tables of the portal, one module per model."""

from __future__ import annotations

from requests_app.models.appeal import AppealOrComplaint
from requests_app.models.approval import Approval
from requests_app.models.audit_entry import AuditEntry
from requests_app.models.audit_seal import AuditSeal
from requests_app.models.case import Case
from requests_app.models.certificate import Certificate
from requests_app.models.computed_deadline import ComputedDeadline
from requests_app.models.controller_profile import ControllerProfile
from requests_app.models.data_source import DataSource, DataSourceMap
from requests_app.models.decision_review import DecisionReview, DecisionSummary
from requests_app.models.download import Download
from requests_app.models.download_code import DownloadCode
from requests_app.models.encryption_key import EncryptionKey
from requests_app.models.erased_identifier import ErasedIdentifier, RegisteredErasure
from requests_app.models.export import Export
from requests_app.models.hand_over import HandOver
from requests_app.models.identifier import Identifier
from requests_app.models.identity_check import IdentityCheck
from requests_app.models.identity_rule import IdentityRule
from requests_app.models.kept_rows import KeptRows
from requests_app.models.law_rule import LawRule
from requests_app.models.leased import Leased
from requests_app.models.legal_hold import LegalHold, RetentionPeriod, RetentionRun
from requests_app.models.message import CannedText, Message
from requests_app.models.notice_text import NoticeText, SentNotice
from requests_app.models.outbox_mail import OutboxMail
from requests_app.models.outbox_text import OutboxText
from requests_app.models.period_extension import PeriodExtension
from requests_app.models.person_wait import PersonWait
from requests_app.models.proposed_correction import ProposedCorrection
from requests_app.models.rate_count import RateCount
from requests_app.models.recipient_notice import RecipientNotice
from requests_app.models.redaction import Redaction
from requests_app.models.refusal import Refusal
from requests_app.models.reminder import Reminder, StaffPreference, StaffReminder
from requests_app.models.representative import Recipient, Representative
from requests_app.models.request_import import ImportLine, RequestImport
from requests_app.models.request_link import RequestLink
from requests_app.models.restriction import Lifting, Restriction
from requests_app.models.secure_link import SecureLink
from requests_app.models.service_token import ServiceToken
from requests_app.models.source_change import KeyList, SourceChange
from requests_app.models.source_search import SourceSearch
from requests_app.models.staff_mail import StaffMail
from requests_app.models.subject_request import Channel, DeliveryWay, Outcome, Right, Status, SubjectRequest
from requests_app.models.suppression import Suppression
from requests_app.models.transfer import Transfer
from requests_app.models.upload import Upload
from requests_app.models.used_assertion import UsedAssertion
from requests_app.models.webhook import Webhook, WebhookDelivery, WebhookEvent
from requests_app.models.weighing import Weighing

__all__ = [
    "AppealOrComplaint",
    "Approval",
    "AuditEntry",
    "AuditSeal",
    "CannedText",
    "Case",
    "Certificate",
    "Channel",
    "ComputedDeadline",
    "ControllerProfile",
    "DataSource",
    "DataSourceMap",
    "DecisionReview",
    "DecisionSummary",
    "DeliveryWay",
    "Download",
    "DownloadCode",
    "EncryptionKey",
    "ErasedIdentifier",
    "Export",
    "HandOver",
    "Identifier",
    "IdentityCheck",
    "IdentityRule",
    "ImportLine",
    "KeptRows",
    "KeyList",
    "LawRule",
    "Leased",
    "LegalHold",
    "Lifting",
    "Message",
    "NoticeText",
    "OutboxMail",
    "OutboxText",
    "Outcome",
    "PeriodExtension",
    "PersonWait",
    "ProposedCorrection",
    "RateCount",
    "Recipient",
    "RecipientNotice",
    "Redaction",
    "Refusal",
    "RegisteredErasure",
    "Reminder",
    "Representative",
    "RequestImport",
    "RequestLink",
    "Restriction",
    "RetentionPeriod",
    "RetentionRun",
    "Right",
    "SecureLink",
    "SentNotice",
    "ServiceToken",
    "SourceChange",
    "SourceSearch",
    "StaffMail",
    "StaffPreference",
    "StaffReminder",
    "Status",
    "SubjectRequest",
    "Suppression",
    "Transfer",
    "Upload",
    "UsedAssertion",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
    "Weighing",
]
