"""A German bank, all in capitals, without a primary key; accounts that two people hold together."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
KUNDE*: KDNR int pk, ANREDE text, VNAME text, NNAME text, GEBDAT date, STR text, PLZ text, ORT text, TEL text,
  MAIL text, STEUER_ID text
KONTO*: KTONR text pk, IBAN text, ART text, EROEFFNET date, FIL_NR int
KONTO_INHABER*: KTONR text pk, KDNR int pk, ROLLE text, SEIT date
BUCHUNG*: BUCH_ID int pk, KTONR text, BETRAG num, ZWECK text, GEGEN_IBAN text, GEGEN_NAME text, BUCHTAG date
KARTE*: KARTEN_NR text pk, KTONR text, KDNR int, GUELTIG_BIS date, PIN_HASH text
FILIALE*: FIL_NR int pk, BEZ text, STR text, PLZ text, ORT text, TEL text
SB*: SB_KZ text pk, NAME text, MAIL text, FIL_NR int
BERATUNG*: LFDNR int pk, KDNR int, SB_KZ text, DATUM time, PROTOKOLL text
"""


def build() -> World:
    world = World("bank_de", SCHEMA)
    people = world.cast("de", 80)
    clerks = world.cast("de", 6, domain="bank.test")
    for number in range(1, 5):
        world.add(
            "FILIALE",
            FIL_NR=number,
            BEZ=f"Filiale {number}",
            STR="Hauptstr. 5",
            PLZ="10115",
            ORT="Berlin",
            TEL=f"+493012345{number}",
        )
    for number, clerk in enumerate(clerks):
        world.add("SB", [clerk], SB_KZ=f"S{number:02}", NAME=clerk.name, MAIL=clerk.email, FIL_NR=1 + number % 4)
    for number, one in enumerate(people):
        world.add(
            "KUNDE",
            [one],
            KDNR=70000 + number,
            ANREDE="Frau",
            VNAME=one.given,
            NNAME=one.family,
            GEBDAT=world.birthday(),
            STR=f"Lindenweg {number}",
            PLZ=f"{10000 + number * 7}",
            ORT="Berlin",
            TEL=one.phone,
            MAIL=one.email,
            STEUER_ID=f"{world.pick.randrange(10**10, 10**11)}",
        )
    for number in range(95):
        first = people[number % 80]
        second = people[(number * 7 + 3) % 80] if world.chance(0.3) else None
        holders = [first, second] if second and second is not first else [first]
        account = f"{4000000 + number * 13}"
        world.add(
            "KONTO",
            holders,
            KTONR=account,
            IBAN=f"DE{10 + number % 80}37040044{number:010}",
            ART="GIRO",
            EROEFFNET=world.day(),
            FIL_NR=world.pick.randint(1, 4),
        )
        for place, holder in enumerate(holders):
            world.add(
                "KONTO_INHABER",
                [holder],
                tolerated=holders,
                KTONR=account,
                KDNR=70000 + people.index(holder),
                ROLLE="1" if not place else "2",
                SEIT=world.day(),
            )
            world.add(
                "KARTE",
                [holder],
                tolerated=holders,
                KARTEN_NR=f"45{number:06}{place:02}{world.pick.randrange(10**6):06}",
                KTONR=account,
                KDNR=70000 + people.index(holder),
                GUELTIG_BIS=world.day(2024),
                PIN_HASH=world.hex(64),
            )
        for _ in range(world.pick.randint(1, 6)):
            world.add(
                "BUCHUNG",
                holders,
                BUCH_ID=world.next("BUCHUNG"),
                KTONR=account,
                BETRAG=world.pick.randint(-900, 900),
                ZWECK="Miete Mai" if world.chance(0.5) else "Einkauf",
                GEGEN_IBAN=f"DE{world.pick.randrange(10**19, 10**20)}",
                GEGEN_NAME=world.pick.choice(people).name,
                BUCHTAG=world.day(2020),
            )
    for one in spread(world, people, 120):
        clerk = world.pick.choice(clerks)
        world.add(
            "BERATUNG",
            [one],
            tolerated=clerks,
            LFDNR=world.next("BERATUNG"),
            KDNR=70000 + people.index(one),
            SB_KZ=f"S{clerks.index(clerk):02}",
            DATUM=world.moment(),
            PROTOKOLL=world.text("de"),
        )
    return world
