"""The schema of the grant tracker."""

from __future__ import annotations

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Numeric,
    Table,
    Text,
)

from requests_app.demonstration.columns import (
    DOCUMENT,
    ID,
    INSTANT,
    KEY,
    KEYS,
    NETWORK,
    TEXTS,
    document,
    identity,
    index_folded,
    metadata,
    reference,
    secret,
)

SCHEMA = metadata()

USER_PROFILES = Table(
    "user_profiles",
    SCHEMA,
    identity(KEY),
    Column("email", Text),
    Column("previous_email", Text),
    Column("phone", Text, index=True),
    Column("full_name", Text),
    Column("bio", Text),
    Column("locale", Text),
    Column("date_of_birth", Date),
    Column("interests", TEXTS),
    document("settings", "$.calendar.token"),
    Column("avatar", LargeBinary),
    Column("last_sign_in_ip", NETWORK),
    Column("processing_locked", Boolean, nullable=False),
    reference("invited_by", "user_profiles.id", KEY),
    Column("primary_org_id", ID, ForeignKey("organizations.id"), index=True),
    secret("password_hash"),
    secret("api_key"),
    secret("totp_secret"),
    secret("reset_token"),
    Column("created_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)
index_folded(USER_PROFILES, "email", "previous_email")

USER_PREFERENCES = Table(
    "user_preferences",
    SCHEMA,
    Column("user_id", KEY, ForeignKey("user_profiles.id"), primary_key=True),
    Column("theme", Text),
    Column("digest", CHAR(1)),
    Column("marketing_opt_in", Boolean),
    Column("analytics", Boolean),
    Column("signature", Text),
    Column("notifications", DOCUMENT),
    secret("push_token"),
    Column("updated_at", INSTANT),
)

ORGANIZATIONS = Table(
    "organizations",
    SCHEMA,
    identity(),
    Column("name", Text, nullable=False),
    Column("slug", Text, nullable=False, unique=True),
    Column("country", CHAR(2)),
    Column("yearly_budget", Numeric(14, 2)),
    Column("focus", TEXTS),
    reference("owner_id", "user_profiles.id", KEY),
    secret("webhook_secret"),
    Column("created_at", INSTANT, nullable=False),
)

ORG_MEMBERS = Table(
    "org_members",
    SCHEMA,
    Column("org_id", ID, ForeignKey("organizations.id"), primary_key=True, autoincrement=False),
    Column("user_id", KEY, ForeignKey("user_profiles.id"), primary_key=True, index=True),
    Column("role", Text, nullable=False),
    reference("invited_by", "user_profiles.id", KEY),
    secret("invitation_token"),
    Column("joined_at", INSTANT, nullable=False),
    Column("left_at", INSTANT),
    info={"deleted": "left_at"},
)

ORG_GRANTS_SAVED = Table(
    "org_grants_saved",
    SCHEMA,
    identity(),
    reference("org_id", "organizations.id", required=True),
    reference("saved_by", "user_profiles.id", KEY),
    Column("title", Text),
    Column("funder", Text),
    Column("amount", Numeric(14, 2)),
    Column("currency", CHAR(3)),
    Column("closes_on", Date),
    Column("keywords", TEXTS),
    Column("notes", Text),
    Column("saved_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)

GRANT_TASKS = Table(
    "grant_tasks",
    SCHEMA,
    identity(),
    reference("org_id", "organizations.id", required=True),
    reference("grant_id", "org_grants_saved.id"),
    reference("created_by", "user_profiles.id", KEY),
    reference("assigned_to", "user_profiles.id", KEY),
    Column("title", Text),
    Column("description", Text),
    Column("status", CHAR(1), nullable=False),
    Column("due_on", Date),
    Column("checklist", DOCUMENT),
    Column("created_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)

GRANT_COMMENTS = Table(
    "grant_comments",
    SCHEMA,
    identity(),
    reference("grant_id", "org_grants_saved.id", required=True),
    reference("author_id", "user_profiles.id", KEY),
    Column("body", Text),
    Column("mentions", KEYS),
    Column("created_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)

TASK_COMMENTS = Table(
    "task_comments",
    SCHEMA,
    identity(),
    reference("task_id", "grant_tasks.id", required=True),
    reference("author_id", "user_profiles.id", KEY),
    reference("parent_id", "task_comments.id"),
    Column("body", Text),
    Column("created_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)

GRANT_ACTIVITY_LOG = Table(
    "grant_activity_log",
    SCHEMA,
    identity(),
    Column("user_id", KEY, index=True),
    reference("org_id", "organizations.id"),
    Column("action", Text),
    Column("subject", Text),
    document("details", "$.signed_url"),
    Column("ip", NETWORK),
    Column("created_at", INSTANT, nullable=False, index=True),
    info={"limit": 1_000},
)

GRANT_DOCUMENTS = Table(
    "grant_documents",
    SCHEMA,
    identity(KEY),
    reference("grant_id", "org_grants_saved.id"),
    reference("uploaded_by", "user_profiles.id", KEY),
    Column("file_name", Text),
    Column("media_type", Text),
    Column("size_bytes", BigInteger),
    Column("sha256", LargeBinary),
    secret("signed_url"),
    Column("uploaded_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)

MENTION_NOTIFICATIONS = Table(
    "mention_notifications",
    SCHEMA,
    Column("delivery_id", KEY, nullable=False),
    reference("user_id", "user_profiles.id", KEY),
    Column("recipient_email", Text),
    reference("mentioned_by", "user_profiles.id", KEY),
    reference("comment_id", "grant_comments.id"),
    Column("excerpt", Text),
    Column("is_read", Boolean),
    Column("sent_at", INSTANT, nullable=False),
    info={"identified_by": ["delivery_id"]},
)
index_folded(MENTION_NOTIFICATIONS, "recipient_email")

APPROVAL_REQUESTS = Table(
    "approval_requests",
    SCHEMA,
    identity(),
    Column("org_id", ID, nullable=False),
    Column("requested_by", KEY, nullable=False, index=True),
    reference("approver_id", "user_profiles.id", KEY),
    reference("task_id", "grant_tasks.id"),
    Column("amount", Numeric(14, 2)),
    Column("status", CHAR(1), nullable=False),
    Column("justification", Text),
    Column("decision_note", Text),
    Column("requested_at", INSTANT, nullable=False),
    Column("decided_at", INSTANT),
    ForeignKeyConstraint(["org_id", "requested_by"], ["org_members.org_id", "org_members.user_id"]),
)

RECENT_SEARCHES = Table(
    "recent_searches",
    SCHEMA,
    identity(),
    reference("user_id", "user_profiles.id", KEY),
    Column("product", Text, nullable=False),
    Column("query", Text),
    Column("filters", DOCUMENT),
    Column("results", Integer),
    Column("searched_at", INSTANT, nullable=False, index=True),
    info={"limit": 100},
)
