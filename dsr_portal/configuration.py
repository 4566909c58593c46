"""What an operator sets: the environment variables starting `DSR_`, typed, described and checked."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from dsr_portal.assertions import read_assertion_key
from dsr_portal.database import read_database_url
from dsr_portal.mail import read_email_url
from dsr_portal.secret_values import is_placeholder, read_key_ring
from dsr_portal.sms import BODY, read_sms_body, read_sms_url
from requests_app.addresses import read_allowances

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

PREFIX = "DSR_"
REQUIRED = ("secret_key", "keys")
SECRET_KEY_LENGTH = 50
MISSING = "is not set; `python -m dsr_portal.secret_values` prints a random value for it"


class Configuration(BaseSettings):
    """The portal's settings; `REQUIRED` ones may be None, which is enough for the headless commands only."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, hide_input_in_errors=True)

    debug: bool = Field(default=False, description="Show errors in detail; never in production.")
    secret_key: SecretStr | None = Field(default=None, description="Signs cookies and links.")
    keys: Annotated[dict[str, bytes] | None, NoDecode] = Field(
        default=None, repr=False, description="The key ring that encrypts what is collected and exported."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "127.0.0.1"), description="The host names the portal answers to."
    )
    database_url: SecretStr = Field(
        default=SecretStr("sqlite:///var/portal.sqlite3"), description="The portal's own database."
    )
    system_name: str = Field(default="DSR Portal", description="The name shown in exports.")
    public_url: str = Field(
        default="http://localhost:8000", description="Where people reach the portal; the links in mails start with it."
    )
    privacy_url: str = Field(default="", description="The privacy policy that the form links to.")
    contact_email: str = Field(default="", description="Whom people may ask; named in mails and on pages.")
    email_url: SecretStr = Field(
        default=SecretStr("console:"), description="The mail server: smtp://…, file:///folder or console:."
    )
    email_from: str = Field(default="privacy@localhost", description="The sender of every mail.")
    email_backend: str = Field(default="", description="A Django or Anymail backend instead of DSR_EMAIL_URL.")
    anymail: SecretStr = Field(default=SecretStr("{}"), description="The settings of Anymail as JSON.")
    sms_url: SecretStr = Field(
        default=SecretStr(""), description="The gateway of text messages: https://…, file:///folder or console:."
    )
    sms_token: SecretStr = Field(default=SecretStr(""), description="The bearer token of the gateway.")
    sms_body: str = Field(default=BODY, description="What the gateway is sent: JSON with {to} and {text}.")
    account_url: str = Field(default="", description="Where people sign in who have an account with the controller.")
    assertion_issuer: str = Field(default="", description="Who signs the assertions of signed-in people.")
    assertion_audience: str = Field(default="", description="Whom these assertions are for.")
    assertion_algorithm: Literal["RS256", "ES256", "HS256"] = Field(
        default="RS256", description="How these assertions are signed."
    )
    assertion_key: SecretStr = Field(default=SecretStr(""), description="The public key, or secret, of their signer.")
    storage_dir: str = Field(default="var/storage", description="The folder of the encrypted files.")
    link_days: int = Field(default=7, ge=1, le=90, description="How long a download link works.")
    single_use_downloads: bool = Field(
        default=False,
        description="Whether files are given out once only, by whichever link; the team gives them again by new links.",
    )
    delivery: Literal["link", "attachment"] = Field(
        default="link", description="How the files reach people: by a link, or attached to the mail."
    )
    attachment_bytes: int = Field(
        default=7_000_000, ge=100_000, le=50_000_000, description="The largest file that is attached to a mail."
    )
    upload_bytes: int = Field(
        default=10_000_000, ge=100_000, le=100_000_000, description="The largest file that may be handed in."
    )
    scanner: str = Field(default="", description="The ClamAV daemon that looks at every file handed in.")
    download_code: Literal["never", "sensitive", "always"] = Field(
        default="sensitive", description="Before which downloads a code is mailed."
    )
    dossier_days: int = Field(default=30, ge=1, le=365, description="How long what was collected is kept.")
    pdf_rows: int = Field(default=200, ge=1, le=100_000, description="How many records of a collection a PDF shows.")
    lapse_days: int = Field(default=7, ge=1, le=90, description="When an unconfirmed request lapses.")
    archive_days: int = Field(default=90, ge=1, le=3650, description="When a closed request is archived.")
    lifting_notice_days: int = Field(
        default=7, ge=1, le=90, description="How long before a restriction ends the person is told of it."
    )
    erasure_undo_hours: int = Field(
        default=24, ge=0, le=168, description="How long an approved erasure waits, so that it can be called off."
    )
    preferences: Annotated[tuple[Literal["marketing", "analytics"], ...], NoDecode] = Field(
        default=("marketing", "analytics"), description="What people may switch off and on by themselves."
    )
    gpc: Literal["law", "all"] = Field(
        default="law",
        description="For whom the browser's Global Privacy Control counts: where the law says so, or all.",
    )
    target_percent: int = Field(
        default=70, ge=1, le=100, description="How much of the law's period the team gives itself."
    )
    remind_days: int = Field(default=5, ge=2, le=60, description="How many days before the deadline all are reminded.")
    remind_last_days: int = Field(default=1, ge=0, le=59, description="How many days before it they are again.")
    decision_review_days: int = Field(
        default=14, ge=1, le=90, description="In how many days the team means to review an automated decision."
    )
    decision_reviewer_named: bool = Field(
        default=False, description="Whether the person is told the name of who reviewed an automated decision."
    )
    summary_url: str = Field(
        default="", description="The address of a language model (OpenAI's protocol) that may summarise a decision."
    )
    summary_key: SecretStr = Field(default=SecretStr(""), description="The bearer token of that address.")
    summary_model: str = Field(default="", description="The model asked there; without it nothing is summarised.")
    summary_seconds: int = Field(default=120, ge=5, le=600, description="How long its answer is waited for.")
    proxies: int = Field(default=0, ge=0, le=5, description="How many proxies stand before the portal.")
    outgoing_allow: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="The hosts and networks that the portal may connect to though they are not public."
    )
    signing_file: str = Field(default="", description="The PKCS#12 file that certificates are signed with.")
    signing_passphrase: SecretStr = Field(default=SecretStr(""), description="Opens the file of DSR_SIGNING_FILE.")
    signing_tsa: str = Field(default="", description="The time-stamp server (RFC 3161) that signatures are given to.")
    mail_sink: str = Field(default="", description="The folder of sent mails to show; for demonstrations only.")
    log_format: Literal["json", "text"] = Field(default="json", description="How log lines are written.")
    time_zone: str = Field(default="UTC", description="The time zone that dates and deadlines are shown in.")
    https: bool | None = Field(
        default=None, description="Redirect to HTTPS, send HSTS, keep cookies to HTTPS; None: unless debug."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment and the files it names, nothing else."""
        return init_settings, NamedFiles(settings_cls), env_settings

    @field_validator("*", mode="before")
    @classmethod
    def _came_from_a_readable_file(cls, value: object) -> object:
        if isinstance(value, UnusableFile):
            raise ValueError(value.reason)
        return value

    @field_validator("secret_key")
    @classmethod
    def _is_hard_to_guess(cls, value: SecretStr | None) -> SecretStr | None:
        secret = value.get_secret_value() if value else ""
        if value and len(secret) < SECRET_KEY_LENGTH:
            raise ValueError(f"has {len(secret)} characters; generate one of at least {SECRET_KEY_LENGTH}")
        if value and is_placeholder(secret):
            raise ValueError("is a placeholder; generate a random one")
        return value

    @field_validator("keys", mode="before")
    @classmethod
    def _is_a_key_ring(cls, value: object) -> object:
        return read_key_ring(value) if isinstance(value, str) else value

    @field_validator("allowed_hosts", "outgoing_allow", "preferences", mode="before")
    @classmethod
    def _is_a_list(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("allowed_hosts")
    @classmethod
    def _names_hosts(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value:
            raise ValueError("names no host; list the host names the portal is reached by")
        if "*" in value and not info.data.get("debug"):
            raise ValueError("holds `*`, which lets anyone choose the host in links; list the host names instead")
        if any("/" in host for host in value):
            raise ValueError("takes host names like portal.example.org, without https:// and path")
        return value

    @field_validator("preferences")
    @classmethod
    def _leaves_advertising_to_the_person(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "marketing" not in value:
            raise ValueError("must name marketing, which people may always object to; analytics may be left out")
        return value

    @field_validator("outgoing_allow")
    @classmethod
    def _names_hosts_or_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        read_allowances(value)
        return value

    @field_validator("database_url")
    @classmethod
    def _is_a_database_url(cls, value: SecretStr) -> SecretStr:
        read_database_url(value.get_secret_value())
        return value

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError("must be an address like https://privacy.example.org")
        return value.rstrip("/")

    @field_validator("signing_tsa")
    @classmethod
    def _is_a_server(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+\S*", value):
            raise ValueError("must be the address of a time-stamp server like https://tsa.example.org")
        return value

    @field_validator("summary_url")
    @classmethod
    def _is_a_model_server(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", value):
            raise ValueError("must be an address like https://models.example.org/v1, without user name and query")
        return value.rstrip("/")

    @field_validator("scanner")
    @classmethod
    def _is_a_scanner(cls, value: str) -> str:
        named = re.fullmatch(r"clamd://[^\s/?#@:]+:(?P<port>[0-9]{1,5})|clamd\+unix:///[^\s?#]+", value)
        if value and not (named and int(named["port"] or 1) in range(1, 1 << 16)):
            raise ValueError("must be like clamd://clamav:3310 or clamd+unix:///run/clamav/clamd.ctl")
        return value

    @field_validator("privacy_url", "account_url")
    @classmethod
    def _is_a_page(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^\s/?#]+\S*", value):
            raise ValueError("must be the address of a page like https://www.example.org/privacy")
        return value

    @field_validator("contact_email", "email_from")
    @classmethod
    def _is_a_mailbox(cls, value: str, info: ValidationInfo) -> str:
        address = parseaddr(value)[1] if info.field_name == "email_from" else value
        if value and not ("\n" not in value and re.fullmatch(r"[^\s@<>,;]+@[^\s@<>,;]+", address)):
            raise ValueError("must be a mail address like privacy@example.org")
        return value

    @field_validator("email_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr) -> SecretStr:
        read_email_url(value.get_secret_value())
        return value

    @field_validator("sms_url")
    @classmethod
    def _is_a_gateway(cls, value: SecretStr) -> SecretStr:
        read_sms_url(value.get_secret_value())
        return value

    @field_validator("sms_body")
    @classmethod
    def _is_a_body(cls, value: str) -> str:
        read_sms_body(value)
        return value

    @field_validator("assertion_key")
    @classmethod
    def _is_a_key_of_a_known_signer(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        key, known = value.get_secret_value(), info.data
        if key:
            read_assertion_key(key, known.get("assertion_algorithm", "RS256"))
        if key and not (known.get("assertion_issuer") and known.get("assertion_audience")):
            raise ValueError("needs DSR_ASSERTION_ISSUER and DSR_ASSERTION_AUDIENCE beside it")
        return value

    @field_validator("email_backend")
    @classmethod
    def _is_a_dotted_path(cls, value: str) -> str:
        if value and not re.fullmatch(r"\w+(\.\w+)+", value):
            raise ValueError("must be the dotted path of a class like anymail.backends.postmark.EmailBackend")
        return value

    @field_validator("anymail")
    @classmethod
    def _is_an_object(cls, value: SecretStr) -> SecretStr:
        try:
            is_object = isinstance(json.loads(value.get_secret_value()), dict)
        except ValueError:
            is_object = False
        if not is_object:
            raise ValueError('must be a JSON object like {"POSTMARK_SERVER_TOKEN": "…"}')
        return value

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("is no known time zone; take a name like UTC or Europe/Berlin") from None
        return value


@dataclass(frozen=True, slots=True)
class UnusableFile:
    """Stands for the value of a setting whose `…_FILE` cannot be used."""

    reason: str


class NamedFiles(PydanticBaseSettingsSource):
    """Takes the value of `NAME` from the file that `NAME_FILE` names."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the file's text without the white space around it; None where no file is named."""
        name = variable(field_name)
        path = os.environ.get(f"{name}_FILE")
        if not path:
            return None, field_name, False
        if os.environ.get(name):
            return UnusableFile(f"is set twice, also by {name}_FILE; keep one of the two"), field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except (OSError, ValueError) as error:
            reason = f"cannot be read from the file that {name}_FILE names ({type(error).__name__})"
            return UnusableFile(reason), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the values found, by field name."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None and value != ""}


@dataclass(frozen=True, slots=True)
class ConfigurationFault:
    """A setting that stops the portal from starting; `message` says what to do and holds no value."""

    variable: str
    message: str
    is_missing: bool = False

    def __str__(self) -> str:
        return f"{self.variable} {self.message}."


def variable(field_name: str) -> str:
    """Return the environment variable of a field of `Configuration`."""
    return PREFIX + field_name.upper()


def read_configuration() -> tuple[Configuration, tuple[ConfigurationFault, ...]]:
    """Read the environment without ever failing.

    Returns:
        The settings, the default standing in for each faulty one; and every fault found.
    """
    try:
        configuration, wrong = Configuration(), {}
    except ValidationError as error:
        wrong = {str(detail["loc"][0]): _explain(detail) for detail in error.errors()}
        fields = Configuration.model_fields
        configuration = Configuration(**{name: fields[name].default for name in wrong})
    missing = [name for name in REQUIRED if name not in wrong and getattr(configuration, name) is None]
    faults = [ConfigurationFault(variable(name), MISSING, is_missing=True) for name in missing]
    return configuration, (*faults, *(ConfigurationFault(variable(name), message) for name, message in wrong.items()))


def _explain(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "bool_parsing":
            return "must be true or false"
        case "int_parsing" | "int_from_float":
            return "must be a whole number"
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case "literal_error":
            return f"must be {context['expected']}"
        case _:
            return str(context.get("error", detail["msg"]))


def unknown_variables() -> tuple[str, ...]:
    """Return the variables starting `DSR_` that no setting reads: misspelt ones."""
    known = {variable(name) + ending for name in Configuration.model_fields for ending in ("", "_FILE")}
    return tuple(sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known))
