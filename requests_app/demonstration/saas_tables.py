"""The schema of the SaaS back end."""

from __future__ import annotations

from sqlalchemy import (
    CHAR,
    Boolean,
    Column,
    Date,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Table,
    Text,
)

from requests_app.demonstration.columns import (
    DOCUMENT,
    ID,
    INSTANT,
    KEY,
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

PLANS = Table(
    "plans",
    SCHEMA,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("monthly_price", Numeric(10, 2), nullable=False),
    Column("features", TEXTS),
)

POSTAL_ADDRESSES = Table(
    "postal_addresses",
    SCHEMA,
    identity(),
    Column("street", Text),
    Column("city", Text),
    Column("postcode", Text),
    Column("country", CHAR(2)),
    Column("latitude", Double),
    Column("longitude", Double),
)

USERS = Table(
    "users",
    SCHEMA,
    identity(),
    Column("email", Text),
    Column("previous_email", Text),
    Column("phone", Text, index=True),
    Column("display_name", Text),
    Column("about", Text),
    Column("locale", Text),
    Column("date_of_birth", Date),
    Column("interests", TEXTS),
    document("preferences", "$.session_token"),
    Column("avatar", LargeBinary),
    Column("last_login_ip", NETWORK),
    Column("marketing_opt_in", Boolean),
    Column("analytics", Boolean),
    Column("processing_locked", Boolean, nullable=False),
    reference("invited_by", "users.id"),
    reference("address_id", "postal_addresses.id"),
    Column("default_workflow_id", ID, ForeignKey("workflows.id"), index=True),
    secret("password_hash"),
    secret("api_key"),
    secret("totp_secret"),
    secret("reset_token"),
    Column("created_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)
index_folded(USERS, "email", "previous_email")

WORKFLOWS = Table(
    "workflows",
    SCHEMA,
    identity(),
    reference("owner_id", "users.id", required=True),
    reference("forked_from", "workflows.id"),
    Column("name", Text),
    Column("description", Text),
    Column("definition", DOCUMENT),
    Column("tags", TEXTS),
    Column("is_active", Boolean, nullable=False),
    secret("webhook_secret"),
    Column("created_at", INSTANT, nullable=False),
    Column("deleted_at", INSTANT),
    info={"deleted": "deleted_at"},
)

WORKFLOW_RUNS = Table(
    "workflow_runs",
    SCHEMA,
    identity(),
    reference("workflow_id", "workflows.id", required=True),
    reference("triggered_by", "users.id"),
    Column("status", CHAR(1), nullable=False),
    document("input", "$.authorization"),
    Column("output", Text),
    Column("seconds", Double),
    Column("started_at", INSTANT, nullable=False),
    Column("finished_at", INSTANT),
)

JOBS = Table(
    "jobs",
    SCHEMA,
    identity(),
    reference("run_id", "workflow_runs.id"),
    reference("retry_of", "jobs.id"),
    Column("step", Text, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("payload", DOCUMENT),
    Column("result", Text),
    Column("cost", Numeric(12, 6)),
    Column("worker_ip", NETWORK),
    Column("queued_at", INSTANT, nullable=False),
)

SUBSCRIPTIONS = Table(
    "subscriptions",
    SCHEMA,
    identity(KEY),
    reference("user_id", "users.id", required=True),
    Column("plan_code", Text, ForeignKey("plans.code"), nullable=False, index=True),
    Column("seats", Integer, nullable=False),
    Column("unit_price", Numeric(10, 2), nullable=False),
    Column("currency", CHAR(3), nullable=False),
    secret("payment_token"),
    Column("started_on", Date, nullable=False),
    Column("cancelled_at", INSTANT),
)

INVOICES = Table(
    "invoices",
    SCHEMA,
    identity(),
    Column("number", Text, nullable=False, unique=True),
    reference("user_id", "users.id"),
    reference("subscription_id", "subscriptions.id", KEY),
    reference("billing_address_id", "postal_addresses.id"),
    Column("billing_email", Text),
    Column("billing_name", Text),
    Column("net", Numeric(12, 2), nullable=False),
    Column("tax", Numeric(12, 2), nullable=False),
    Column("currency", CHAR(3), nullable=False),
    Column("lines", DOCUMENT),
    Column("note", Text),
    Column("issued_on", Date, nullable=False),
    Column("paid_at", INSTANT),
)
index_folded(INVOICES, "billing_email")

AUDIT_LOGS = Table(
    "audit_logs",
    SCHEMA,
    Column("event_id", KEY, nullable=False),
    Column("occurred_at", INSTANT, nullable=False, index=True),
    Column("environment", Text, nullable=False),
    Column("user_id", ID, index=True),
    Column("actor_email", Text),
    Column("action", Text),
    Column("ip", NETWORK),
    Column("user_agent", Text),
    document("details", "$.session_token"),
    secret("session_token"),
    Column("impersonated_by", Text),
    info={"identified_by": ["event_id"], "limit": 300},
)
index_folded(AUDIT_LOGS, "actor_email")
