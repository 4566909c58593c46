"""A telephone company with accounts, lines and calls; held back until everything was tuned."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
tariff: tariff_code char(8) pk, description text, monthly_fee num
subscriber: subscriber_no int pk, surname text, forename text, email_addr text, contact_tel text, dob date,
  billing_addr_no int, install_addr_no int, status char(1), credit_score int, created_dt time, created_usr text
addr: addr_no int pk, line_1 text, town text, post_cd text
csr: csr_no int pk, csr_name text, csr_email text, login_nm text, pwd_hash text, team_no int
team: team_no int pk, team_name text
svc_line: line_no int pk, subscriber_no int, msisdn text, sim_no text, tariff_code char(8), act_dt date, deact_dt date
cdr: cdr_no int pk, line_no int, called_no text, start_ts time, secs int
invoice: inv_no int pk, subscriber_no int, inv_dt date, total num
inv_line: inv_no int pk, seq int pk, line_no int, amount num
payment: pay_no int pk, inv_no int, amount num, card_no text, paid_dt date
contact_hist: contact_no int pk, subscriber_no int, csr_no int, channel char(1), remarks text, contact_ts time
complaint: complaint_no int pk, contact_no int, severity int, narrative text, resolved_by int
web_login: login_id int pk, subscriber_no int, user_name text, pw_salt text, last_ip text, last_ts time
marketing_pref: subscriber_no int pk, sms_ok bool, email_ok bool, changed_dt time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("telco_en", SCHEMA)
    pick = world.pick
    codes = [world.add("tariff", tariff_code=f"TRF{n:04}", description=f"Plan {n}", monthly_fee=10) for n in range(5)]
    for number in (1, 2, 3):
        world.add("team", team_no=number, team_name=f"Team {number}")
    staff, people = world.cast("en", 12, "telco.example", "+44207"), world.cast("en", 75, prefix="+447700")
    for number, one in enumerate(staff, 1):
        world.add(
            "csr",
            [one],
            csr_no=number,
            csr_name=one.name,
            csr_email=one.email,
            login_nm=f"{one.given[:1].lower()}{number}",
            pwd_hash=world.bcrypt(),
            team_no=1 + number % 3,
        )
    for number in range(1, 91):
        world.add("addr", addr_no=number, line_1=pick.choice(STREETS), town=pick.choice(CITIES), post_cd=f"SW{number}")
    lines: dict[object, list[int]] = {}
    numbers = {one: 1000 + index for index, one in enumerate(people)}
    for one in pick.sample(people, len(people)):
        number = numbers[one]
        one.user_ids.append(number)
        billing, install = 1 + number % 90, 1 + number % 90 if world.chance(0.8) else pick.randint(1, 90)
        world.own("addr", billing, one)
        world.own("addr", install, one)
        world.add(
            "subscriber",
            [one],
            subscriber_no=number,
            surname=one.family.upper(),
            forename=one.given.upper(),
            email_addr=one.email,
            contact_tel=one.phone,
            dob=world.birthday(),
            billing_addr_no=billing,
            install_addr_no=install,
            status="A",
            credit_score=pick.randint(300, 900),
            created_dt=world.moment(),
            created_usr=f"u{pick.randint(1, 12)}",
        )
        world.add(
            "web_login",
            [one],
            login_id=world.next("web_login"),
            subscriber_no=number,
            user_name=f"{one.given.lower()}{number}",
            pw_salt=world.hex(16),
            last_ip=world.ip(),
            last_ts=world.moment(),
        )
        world.add(
            "marketing_pref",
            [one],
            subscriber_no=number,
            sms_ok=world.chance(0.5),
            email_ok=True,
            changed_dt=world.moment(),
        )
        for _ in range(pick.randint(1, 2)):
            line = world.add(
                "svc_line",
                [one],
                line_no=world.next("svc_line"),
                subscriber_no=number,
                msisdn=f"+4477{pick.randrange(10**8):08}",
                sim_no=f"8944{pick.randrange(10**14):014}",
                tariff_code=pick.choice(codes),
                act_dt=world.day(),
                deact_dt=None,
            )
            lines.setdefault(one, []).append(line)
    for one in spread(world, people, 400):
        world.add(
            "cdr",
            [one],
            cdr_no=world.next("cdr"),
            line_no=pick.choice(lines[one]),
            called_no=f"+4479{pick.randrange(10**8):08}",
            start_ts=world.moment(),
            secs=pick.randint(1, 3000),
        )
    for one in spread(world, people, 160):
        invoice = world.add(
            "invoice",
            [one],
            inv_no=world.next("invoice", 500),
            subscriber_no=numbers[one],
            inv_dt=world.day(),
            total=30,
        )
        for seq, line in enumerate(lines[one], 1):
            world.add("inv_line", [one], inv_no=invoice, seq=seq, line_no=line, amount=15)
        if world.chance(0.9):
            world.add(
                "payment",
                [one],
                pay_no=world.next("payment"),
                inv_no=invoice,
                amount=30,
                card_no="4111111111111111",
                paid_dt=world.day(),
            )
    for one in spread(world, people, 130):
        agent = pick.randint(1, 12)
        contact = world.add(
            "contact_hist",
            [one, staff[agent - 1]],
            contact_no=world.next("contact_hist"),
            subscriber_no=numbers[one],
            csr_no=agent,
            channel=pick.choice("TEW"),
            remarks=world.text("en"),
            contact_ts=world.moment(),
        )
        if world.chance(0.3):
            resolver = pick.randint(1, 12)
            world.add(
                "complaint",
                [one],
                complaint_no=world.next("complaint"),
                contact_no=contact,
                severity=1,
                narrative=world.text("en"),
                resolved_by=resolver,
                tolerated=[staff[resolver - 1]],
            )
    return world
