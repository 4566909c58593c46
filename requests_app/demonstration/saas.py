"""The SaaS back end: users, the workflows they run, what they pay, and a log of it all.

Whose a row is: a user's by the identifiers; a workflow its owner's; a run the workflow owner's and that of who started
it; a job that of its run's people, a retry that of those of the job it repeats; a subscription its holder's; an invoice
that of the account and of the address it is billed to; a log entry that of the account and of the address it names.
"""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from requests_app.demonstration import saas_tables as schema
from requests_app.demonstration import texts, values
from requests_app.demonstration.people import Cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

    from sqlalchemy import MetaData, Table

    from requests_app.demonstration.people import Account
    from requests_app.demonstration.truth import Person

Row = tuple[object, ...]

FIRST_USER_ID = 1_001
PLAN_NAMES = ("free", "solo", "team", "company", "nonprofit")
# Shares of the rows that are not addresses, plans or users; what is left goes to the log.
SHARES = {"workflows": 0.05, "workflow_runs": 0.28, "jobs": 0.3, "subscriptions": 0.025, "invoices": 0.06}
HEAVY_SHARE = 0.27
HEAVY_LOG_SHARE = 0.42
FEWEST_OTHER_ROWS = 4_300
RETRY_CHAIN = range(2, 6)  # the jobs that repeat, one the other, the first job of the account the chain is built for

ABOUT = {
    "retry_chain": "jobs that only a chain of retries leads to",
    "billed_for_another": "the second person pays an invoice of the first one's account, so it is theirs too",
}

ACTIONS = ("login", "login", "export", "workflow.create", "workflow.update", "billing.view", "heartbeat", None)
# Written for one person: (environment, action) that the map leaves out, and one it keeps though the action is NULL.
LEFT_OUT_ENTRIES = (("staging", "login"), ("production", "heartbeat"), ("staging", "heartbeat"), ("production", None))


class Saas:
    """Makes the rows of every table and notes whose they are.

    Args:
        rows: over all tables, exactly.

    Raises:
        ValueError: too few people or rows for the traps.
    """

    metadata: ClassVar[MetaData] = schema.SCHEMA
    about: ClassVar[Mapping[str, str]] = ABOUT

    def __init__(self, rows: int, people: int, seed: int) -> None:
        self.cast = Cast(people, seed, lambda number: FIRST_USER_ID + number)
        self.addresses = len(self.cast.accounts) * 6 // 10
        fixed = len(PLAN_NAMES) + self.addresses + len(self.cast.accounts)
        rest = rows - fixed
        if rest < FEWEST_OTHER_ROWS:
            raise ValueError(f"At least {fixed + FEWEST_OTHER_ROWS} rows are needed for {people} people")
        self.sizes = {name: int(rest * share) for name, share in SHARES.items()}
        self.sizes["audit_logs"] = rest - sum(self.sizes.values())
        actors = self.cast.actors(self.sizes["workflows"], self.cast.random("owners"), HEAVY_SHARE)
        self.owners = list(actors)
        self.workflows: dict[Account, list[int]] = {}
        for number, owner in enumerate(self.owners, 1):
            self.workflows.setdefault(owner, []).append(number)
        self.subscriptions: dict[Account, str] = {}
        self.run_people: list[tuple[Person, ...]] = []

    def tables(self) -> Iterator[tuple[Table, Iterator[Row]]]:
        """Yield every table with its rows, to be read in this order; once."""
        yield schema.PLANS, self._plans()
        yield schema.POSTAL_ADDRESSES, self._postal_addresses()
        yield schema.USERS, self._users()
        yield schema.WORKFLOWS, self._workflows()
        yield schema.WORKFLOW_RUNS, self._workflow_runs()
        yield schema.JOBS, self._jobs()
        yield schema.SUBSCRIPTIONS, self._subscriptions()
        yield schema.INVOICES, self._invoices()
        yield schema.AUDIT_LOGS, self._audit_logs()

    def _actors(self, table: str, pick: Random, heavy_share: float = HEAVY_SHARE) -> Iterator[Account]:
        return self.cast.actors(self.sizes[table], pick, heavy_share)

    def _address_of(self, account: Account) -> int | None:
        """Give neighbours one address; the person who rings with another's bell lives at theirs."""
        bells = self.cast.by_trap["shared_address"]
        has_none = account.is_blank or account.user_id is None or account is self.cast.quiet
        number = bells[0].number if account in bells else account.number
        return None if has_none else 1 + number * self.addresses // self._last_number

    @property
    def _last_number(self) -> int:
        return len(self.cast.accounts) + len(self.cast.outsiders)

    def _plans(self) -> Iterator[Row]:
        for number, code in enumerate(PLAN_NAMES):
            yield code, f"The {code} plan", f"{number * 19}.90", ["workflows", code]

    def _postal_addresses(self) -> Iterator[Row]:
        pick = self.cast.random("postal_addresses")
        for number in range(1, self.addresses + 1):
            place = number % len(texts.CITIES)
            street = pick.choice(texts.STREETS)
            postcode = f"{number * 37 % 100_000:05}"
            yield number, street, texts.CITIES[place], postcode, texts.COUNTRIES[place], 1 / number, -number / 7

    def _users(self) -> Iterator[Row]:
        pick = self.cast.random("users")
        for account in self.cast.accounts:
            account.person.own("users", account.id, deleted=account.is_deleted)
            address = self._address_of(account)
            if address:
                account.person.reach("postal_addresses", address)
            yield self._user(account, address, pick)

    def _user(self, account: Account, address: int | None, pick: Random) -> Row:
        blank = account.is_blank
        inviter = self.cast.other(pick).user_id
        preferences = {"theme": "dark", "note": account.text, "session_token": values.secret("session", pick)}
        return (
            account.user_id,
            account.email,
            account.previous_email,
            account.phone,
            account.name,
            account.text,
            None if blank else values.locale(pick),
            None if blank else values.some_date(pick, 18_000, date(1950, 1, 1)),
            None if blank else ["news", account.text],
            None if blank else values.as_json(preferences),
            values.portrait(account, pick),
            None if blank else values.network_address(pick),
            None if blank else pick.random() < 0.5,
            None if blank else pick.random() < 0.7,
            False,
            None if blank or inviter == account.user_id else inviter,
            address,
            None if blank else self.workflows.get(account, [None])[0],
            *values.credentials(account, pick),
            values.some_instant(pick),
            values.some_instant(pick) if account.is_deleted else None,
        )

    def _workflows(self) -> Iterator[Row]:
        pick = self.cast.random("workflows")
        for number, owner in enumerate(self.owners, 1):
            is_deleted = number % 9 == 0
            owner.person.own("workflows", number, deleted=is_deleted)
            yield (
                number,
                owner.user_id,
                None if owner.is_blank or pick.random() < 0.8 else 1 + int(pick.random() * len(self.owners)),
                owner.text,
                owner.text,
                None if owner.is_blank else values.as_json({"steps": [{"kind": "fetch"}, {"kind": owner.text}]}),
                None if owner.is_blank else ["daily", owner.text],
                not is_deleted,
                None if owner.is_blank else values.secret("webhook", pick),
                values.some_instant(pick),
                values.some_instant(pick) if is_deleted else None,
            )

    def _workflow_runs(self) -> Iterator[Row]:
        pick = self.cast.random("workflow_runs")
        token = values.secret("authorization", pick)
        for number, actor in enumerate(self._actors("workflow_runs", pick), 1):
            workflow, starter = self._started(actor, pick)
            people = tuple({self.owners[workflow - 1].person: None, starter.person: None})
            for person in people:
                person.own("workflow_runs", number)
            self.run_people.append(people)
            yield (
                number,
                workflow,
                starter.user_id,
                "SFCR"[number % 4],
                None if actor.is_blank else f'{{"page": {number}, "authorization": "{token}"}}',
                actor.text,
                None if actor.is_blank else pick.random() * 100,
                values.some_instant(pick),
                None if actor.is_blank else values.some_instant(pick),
            )

    def _started(self, actor: Account, pick: Random) -> tuple[int, Account]:
        """Pick a workflow of the actor's, started by somebody else now and then, or one of another's they start."""
        own = self.workflows.get(actor)
        if own is None:
            return 1 + int(pick.random() * len(self.owners)), actor
        workflow = own[int(pick.random() * len(own))]
        return workflow, self.cast.other(pick) if pick.random() < 0.1 else actor

    def _jobs(self) -> Iterator[Row]:
        pick = self.cast.random("jobs")
        first_runs = iter(range(1, len(self.cast.prelude) + 1))
        run, attempt = 0, 1
        for number in range(1, self.sizes["jobs"] + 1):
            is_retry = number in RETRY_CHAIN or (number > RETRY_CHAIN.stop and pick.random() < 0.03)
            attempt = attempt + 1 if is_retry else 1
            run = run if is_retry else next(first_runs, 0) or 1 + int(pick.random() * len(self.run_people))
            for person in self.run_people[run - 1]:
                person.own("jobs", number)
            yield self._job(number, None if is_retry else run, attempt, pick)

    def _job(self, number: int, run: int | None, attempt: int, pick: Random) -> Row:
        return (
            number,
            run,
            None if run else number - 1,
            f"step {number % 5}",
            attempt,
            f'{{"page": {number}, "done": {"true" if number % 2 else "null"}}}',
            None if number % 6 == 0 else self.cast.accounts[number % 90].text,
            values.amount(pick, 3, 6),
            values.network_address(pick),
            values.some_instant(pick),
        )

    def _subscriptions(self) -> Iterator[Row]:
        pick = self.cast.random("subscriptions")
        for holder in self._actors("subscriptions", pick):
            key, plan = values.uuid(pick), pick.choice(PLAN_NAMES)
            self.subscriptions.setdefault(holder, key)
            holder.person.own("subscriptions", key)
            holder.person.reach("plans", plan)
            yield (
                key,
                holder.user_id,
                plan,
                1 + int(pick.random() * 50),
                values.amount(pick, 90),
                pick.choice(("EUR", "USD", "JPY")),
                None if holder.is_blank else values.secret("payment", pick),
                values.some_date(pick),
                values.some_instant(pick) if pick.random() < 0.2 else None,
            )

    def _invoices(self) -> Iterator[Row]:
        pick = self.cast.random("invoices")
        bookkeeper, customer = self.cast.by_email["bookkeeper@example.test"], self.cast.by_email["pat@example.test"]
        special = [(self.cast.by_email["guest@example.test"],) * 2] * 3 + [(customer, bookkeeper)] * 2
        actors = self.cast.actors(self.sizes["invoices"] - len(special), pick, HEAVY_SHARE)
        for number, (account, payer) in enumerate(chain(special, ((item, item) for item in actors)), 1):
            yield self._invoice(number, account, payer, pick)

    def _invoice(self, number: int, account: Account, payer: Account, pick: Random) -> Row:
        address = self._address_of(self.cast.other(pick) if pick.random() < 0.05 else account)
        for person in {account.person: None, payer.person: None}:
            person.own("invoices", number)
            if address:
                person.reach("postal_addresses", address)
        lines = [{"text": account.text, "quantity": number % 4, "price": values.amount(pick, 100)}]
        return (
            number,
            f"INV-{number:08}",
            account.user_id,
            self.subscriptions.get(account),
            address,
            payer.email if payer.number % 3 else payer.spelled(pick),
            payer.name,
            values.amount(pick, 5_000),
            values.amount(pick, 900),
            "EUR",
            None if account.is_blank else values.as_json(lines),
            account.text,
            values.some_date(pick),
            values.some_instant(pick) if pick.random() < 0.9 else None,
        )

    def _audit_logs(self) -> Iterator[Row]:
        pick = self.cast.random("audit_logs")
        tester = self.cast.by_email["tester@example.test"]
        special = [*self.cast.outsiders * 3, *[tester] * len(LEFT_OUT_ENTRIES)]
        count = self.sizes["audit_logs"]
        actors = chain(special, self.cast.actors(count - len(special), pick, HEAVY_LOG_SHARE))
        for number, (actor, rank) in enumerate(zip(actors, values.ranks(count), strict=True)):
            position = number - len(self.cast.outsiders) * 3
            environment, action = self._happened(position, pick)
            key = values.uuid(pick)
            if environment == "production" and action != "heartbeat":
                actor.person.own_ranked("audit_logs", key, rank)
            when = values.ranked_instant(rank, count)
            yield key, when, environment, *self._entry(actor, action, number, pick)

    def _happened(self, position: int, pick: Random) -> tuple[str, str | None]:
        """Say in which environment an entry was written and what about; the tester's are fixed."""
        if 0 <= position < len(LEFT_OUT_ENTRIES):
            return LEFT_OUT_ENTRIES[position]
        environment = "staging" if pick.random() < 0.02 else "production"
        return environment, ACTIONS[int(pick.random() * len(ACTIONS))]

    def _entry(self, actor: Account, action: str | None, number: int, pick: Random) -> Row:
        details = f'{{"object": {number}, "session_token": "{values.secret("session", pick)}"}}'
        impersonator = self.cast.other(pick).email if pick.random() < 0.02 else None
        return (
            actor.user_id,
            actor.spelled(pick),
            action,
            None if actor.is_blank else values.network_address(pick),
            actor.text if number % 11 == 0 else values.AGENTS[number % len(values.AGENTS)],
            details if number % 3 else None,
            values.secret("session", pick) if number % 3 else None,
            impersonator,
        )
