"""The grant tracker: organisations that look for money, their members' tasks and talk, and a log of it all.

Whose a row is: a profile by its identifiers; everything else that of whoever made it, a task also that of whom it is
assigned to, an approval also that of who decides, a notification that of whom it is sent to. Organisations are context.
"""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from requests_app.demonstration import grants_tables as schema
from requests_app.demonstration import texts, values
from requests_app.demonstration.people import Cast, random_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from sqlalchemy import MetaData, Table

    from requests_app.demonstration.people import Account

Row = tuple[object, ...]

# Shares of the rows that are not profiles, preferences, organisations or members; what is left goes to the log.
SHARES = {
    "org_grants_saved": 0.06,
    "grant_tasks": 0.08,
    "grant_comments": 0.07,
    "task_comments": 0.07,
    "grant_documents": 0.05,
    "mention_notifications": 0.06,
    "approval_requests": 0.04,
    "recent_searches": 0.11,
}
HEAVY_SHARE = 0.06
HEAVY_SEARCH_SHARE = 0.4
HEAVY_LOG_SHARE = 0.55
LEFT_OUT_SHARE = 0.02
FEWEST_OTHER_ROWS = 4_500
MEMBERS_A_FOUNDING = 10
ACTIONS = ("grant.saved", "task.done", "comment.added", "document.viewed", "login", None)
# Written for one person: what the map leaves out, and an entry it keeps though the action is NULL.
LEFT_OUT_ACTIONS = ("heartbeat", "heartbeat", None)


class Grants:
    """Makes the rows of every table and notes whose they are.

    Args:
        rows: over all tables, exactly.

    Raises:
        ValueError: too few people or rows for the traps.
    """

    metadata: ClassVar[MetaData] = schema.SCHEMA
    about: ClassVar[Mapping[str, str]] = {}

    def __init__(self, rows: int, people: int, seed: int) -> None:
        ids = random_for(seed, "ids")
        self.cast = Cast(people, seed, lambda _: values.uuid(ids))
        self.organizations = len(self.cast.accounts) // MEMBERS_A_FOUNDING
        self.members = self._memberships()
        memberships = sum(map(len, self.members.values()))
        fixed = 2 * len(self.cast.accounts) - 1 + self.organizations + memberships
        rest = rows - fixed
        if rest < FEWEST_OTHER_ROWS:
            raise ValueError(f"At least {fixed + FEWEST_OTHER_ROWS} rows are needed for {people} people")
        self.sizes = {name: int(rest * share) for name, share in SHARES.items()}
        self.sizes["grant_activity_log"] = rest - sum(self.sizes.values())

    def tables(self) -> Iterator[tuple[Table, Iterator[Row]]]:
        """Yield every table with its rows, to be read in this order; once."""
        yield schema.ORGANIZATIONS, self._organizations()
        yield schema.USER_PROFILES, self._user_profiles()
        yield schema.USER_PREFERENCES, self._user_preferences()
        yield schema.ORG_MEMBERS, self._org_members()
        yield schema.ORG_GRANTS_SAVED, self._org_grants_saved()
        yield schema.GRANT_TASKS, self._grant_tasks()
        yield schema.GRANT_COMMENTS, self._grant_comments()
        yield schema.TASK_COMMENTS, self._task_comments()
        yield schema.GRANT_ACTIVITY_LOG, self._grant_activity_log()
        yield schema.GRANT_DOCUMENTS, self._grant_documents()
        yield schema.MENTION_NOTIFICATIONS, self._mention_notifications()
        yield schema.APPROVAL_REQUESTS, self._approval_requests()
        yield schema.RECENT_SEARCHES, self._recent_searches()

    def _memberships(self) -> dict[Account, tuple[int, ...]]:
        """Put everybody but the quiet one into one organisation or two; who shares a door shares them."""
        first, *sharing = self.cast.by_trap["shared_address"]
        numbers = {account: account.number for account in self.cast.accounts if account is not self.cast.quiet}
        numbers |= dict.fromkeys(sharing, first.number)
        return {account: self._organizations_of(number) for account, number in numbers.items()}

    def _organizations_of(self, number: int) -> tuple[int, ...]:
        home, second = 1 + number % self.organizations, 1 + number * 7 % self.organizations
        return (home, second) if number % 3 == 0 and home != second else (home,)

    def _acts(self, table: str, share: float = HEAVY_SHARE) -> Iterator[tuple[int, Account, Random]]:
        """Yield number, account and the table's random numbers, once per row."""
        pick = self.cast.random(table)
        for number, account in enumerate(self.cast.actors(self.sizes[table], pick, share), 1):
            yield number, account, pick

    def _organizations(self) -> Iterator[Row]:
        pick = self.cast.random("organizations")
        owners = {home: account for account, (home, *_) in reversed(self.members.items())}
        for number in range(1, self.organizations + 1):
            place = number % len(texts.CITIES)
            yield (
                number,
                f"{texts.CITIES[place]} Association {number}",
                f"association-{number}",
                texts.COUNTRIES[place],
                values.amount(pick, 9_000_000),
                ["culture", texts.CITIES[place]],
                owners[number].user_id,
                values.secret("webhook", pick),
                values.some_instant(pick),
            )

    def _user_profiles(self) -> Iterator[Row]:
        pick = self.cast.random("user_profiles")
        for account in self.cast.accounts:
            account.person.own("user_profiles", account.id, deleted=account.is_deleted)
            yield self._profile(account, pick)

    def _profile(self, account: Account, pick: Random) -> Row:
        blank = account.is_blank
        inviter = self.cast.other(pick)
        settings = {"calendar": {"token": values.secret("calendar", pick), "note": account.text}, "week": [1, None]}
        return (
            account.id,
            account.email,
            account.previous_email,
            account.phone,
            account.name,
            account.text,
            None if blank else values.locale(pick),
            None if blank else values.some_date(pick, 18_000, date(1950, 1, 1)),
            None if blank else ["music", account.text],
            None if blank else values.as_json(settings),
            values.portrait(account, pick),
            None if blank else values.network_address(pick),
            False,
            None if blank or inviter is account else inviter.id,
            None if blank else self.members.get(account, (None,))[0],
            *values.credentials(account, pick),
            values.some_instant(pick),
            values.some_instant(pick) if account.is_deleted else None,
        )

    def _user_preferences(self) -> Iterator[Row]:
        pick = self.cast.random("user_preferences")
        for account in self.members:
            account.person.own("user_preferences", account.id)
            notice = values.as_json({"mail": True, "quiet": ["22:00", "07:00"]})
            filled = ("dark", "DWN"[account.number % 3], pick.random() < 0.5, pick.random() < 0.7)
            tail = (account.text, notice, values.secret("push", pick), values.some_instant(pick))
            yield account.id, *((None,) * 8 if account.is_blank else (*filled, *tail))

    def _org_members(self) -> Iterator[Row]:
        pick = self.cast.random("org_members")
        for account, organizations in self.members.items():
            for position, organization in enumerate(organizations):
                has_left = position == 1 and account.number % 2 == 0
                account.person.own("org_members", (organization, account.id), deleted=has_left)
                account.person.reach("organizations", organization)
                yield (
                    organization,
                    account.id,
                    pick.choice(("owner", "editor", "reader")),
                    None if account.is_blank else self.cast.other(pick).id,
                    None if account.is_blank else values.secret("invitation", pick),
                    values.some_instant(pick),
                    values.some_instant(pick) if has_left else None,
                )

    def _org_grants_saved(self) -> Iterator[Row]:
        for number, account, pick in self._acts("org_grants_saved"):
            deleted_at = self._own("org_grants_saved", number, account, pick)
            yield (
                number,
                self.members[account][0],
                account.id,
                account.text,
                "The Example Fund",
                values.amount(pick, 400_000),
                pick.choice(("EUR", "GBP", "JPY")),
                None if account.is_blank else values.some_date(pick),
                None if account.is_blank else ["open call", account.text],
                account.text,
                values.some_instant(pick),
                deleted_at,
            )

    def _own(self, table: str, key: int | str, account: Account, pick: Random) -> str | None:
        """Note a row as the account's; every ninth or so was soft-deleted, at the instant returned."""
        is_deleted = pick.random() < 0.11
        account.person.own(table, key, deleted=is_deleted)
        return values.some_instant(pick) if is_deleted else None

    def _some(self, table: str, pick: Random) -> int:
        """Pick the id of a row of a numbered table."""
        return 1 + int(pick.random() * self.sizes[table])

    def _grant_tasks(self) -> Iterator[Row]:
        for number, creator, pick in self._acts("grant_tasks"):
            assignee = self.cast.other(pick) if pick.random() < 0.6 else None
            deleted_at = self._own("grant_tasks", number, creator, pick)
            if assignee and assignee.person is not creator.person:
                assignee.person.own("grant_tasks", number, deleted=deleted_at is not None)
            yield (
                number,
                self.members[creator][0],
                None if creator.is_blank else self._some("org_grants_saved", pick),
                creator.id,
                assignee.id if assignee else None,
                creator.text,
                creator.text,
                "ODX"[number % 3],
                None if creator.is_blank else values.some_date(pick),
                None if creator.is_blank else values.as_json([{"text": creator.text, "done": number % 2 == 0}]),
                values.some_instant(pick),
                deleted_at,
            )

    def _grant_comments(self) -> Iterator[Row]:
        for number, author, pick in self._acts("grant_comments"):
            deleted_at = self._own("grant_comments", number, author, pick)
            mentions = [self.cast.other(pick).id for _ in range(number % 3)]
            created_at = values.some_instant(pick)
            grant = self._some("org_grants_saved", pick)
            yield number, grant, author.id, author.text, None if author.is_blank else mentions, created_at, deleted_at

    def _task_comments(self) -> Iterator[Row]:
        for number, author, pick in self._acts("task_comments"):
            deleted_at = self._own("task_comments", number, author, pick)
            parent = 1 + int(pick.random() * (number - 1)) if number > 1 and pick.random() < 0.5 else None
            created_at = values.some_instant(pick)
            yield number, self._some("grant_tasks", pick), author.id, parent, author.text, created_at, deleted_at

    def _grant_activity_log(self) -> Iterator[Row]:
        pick = self.cast.random("grant_activity_log")
        ghosts = [account for account in self.cast.outsiders if account.user_id is not None] * 3
        tester = self.cast.by_email["tester@example.test"]
        special = [*((ghost, "login") for ghost in ghosts), *((tester, action) for action in LEFT_OUT_ACTIONS)]
        count = self.sizes["grant_activity_log"]
        actors = self.cast.actors(count - len(special), pick, HEAVY_LOG_SHARE)
        acts = chain(special, ((account, self._action(pick)) for account in actors))
        for number, ((account, action), rank) in enumerate(zip(acts, values.ranks(count), strict=True), 1):
            if action != "heartbeat":
                account.person.own_ranked("grant_activity_log", number, rank)
            yield *self._activity(number, account, action, pick), values.ranked_instant(rank, count)

    @staticmethod
    def _action(pick: Random) -> str | None:
        return "heartbeat" if pick.random() < LEFT_OUT_SHARE else pick.choice(ACTIONS)

    def _activity(self, number: int, account: Account, action: str | None, pick: Random) -> Row:
        details = f'{{"grant": {number}, "signed_url": "{values.secret("url", pick)}"}}'
        return (
            number,
            account.user_id,
            self.members.get(account, (None,))[0],
            action,
            account.text,
            details if number % 3 else None,
            None if account.is_blank else values.network_address(pick),
        )

    def _grant_documents(self) -> Iterator[Row]:
        for number, account, pick in self._acts("grant_documents"):
            key = values.uuid(pick)
            deleted_at = self._own("grant_documents", key, account, pick)
            blank = account.is_blank
            yield (
                key,
                None if blank else self._some("org_grants_saved", pick),
                account.id,
                account.text if number % 4 == 0 else f"Budget {number} – draft.pdf",
                None if blank else "application/pdf",
                None if blank else number * 70_000_000_007 % 5_000_000_000,
                None if blank else pick.randbytes(32),
                None if blank else values.secret("url", pick),
                values.some_instant(pick),
                deleted_at,
            )

    def _mention_notifications(self) -> Iterator[Row]:
        pick = self.cast.random("mention_notifications")
        special = [account for account in self.cast.outsiders if account.email is not None] * 3
        count = self.sizes["mention_notifications"] - len(special)
        for number, account in enumerate(chain(special, self.cast.actors(count, pick, HEAVY_SHARE))):
            key = values.uuid(pick)
            account.person.own("mention_notifications", key)
            author = self.cast.other(pick)
            yield (
                key,
                account.user_id,
                account.spelled(pick),
                author.id,
                self._some("grant_comments", pick),
                author.text,
                None if account.is_blank else number % 2 == 0,
                values.some_instant(pick),
            )

    def _approval_requests(self) -> Iterator[Row]:
        for number, account, pick in self._acts("approval_requests"):
            approver = self.cast.other(pick) if pick.random() < 0.9 else None
            for person in {account.person: None} | ({approver.person: None} if approver else {}):
                person.own("approval_requests", number)
            yield (
                number,
                self.members[account][0],
                account.id,
                approver.id if approver else None,
                self._some("grant_tasks", pick),
                values.amount(pick, 90_000),
                "PAR"[number % 3],
                account.text,
                approver.text if approver else None,
                values.some_instant(pick),
                None if account.is_blank else values.some_instant(pick),
            )

    def _recent_searches(self) -> Iterator[Row]:
        count = self.sizes["recent_searches"]
        ranks = values.ranks(count)
        for number, account, pick in self._acts("recent_searches", HEAVY_SEARCH_SHARE):
            rank = next(ranks)
            product = "helpdesk" if pick.random() < LEFT_OUT_SHARE else ("grants", "grants_mobile")[number % 2]
            if product != "helpdesk":
                account.person.own_ranked("recent_searches", number, rank)
            filters = None if account.is_blank else f'{{"country": "DE", "page": {number % 7}}}'
            searched_at = values.ranked_instant(rank, count)
            yield number, account.id, product, account.text, filters, number % 91, searched_at
