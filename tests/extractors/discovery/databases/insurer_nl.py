"""A Dutch insurer: parties with roles, and ways to reach them in a table of its own."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
partij: id int pk, soort char(1), aangemaakt_op time
persoon: partij_id int pk, voornaam text, achternaam text, geboortedatum date, bsn text
contactgegeven: id int pk, partij_id int, soort text, waarde text
adres: id int pk, straat text, postcode text, plaats text
partij_adres: partij_id int pk, adres_id int pk, sinds date
product: id int pk, naam text
polis: id int pk, polisnummer text, product_id int, premie num, ingangsdatum date
polis_rol: polis_id int pk, partij_id int pk, rol text
schade: id int pk, polis_id int, melder_id int, omschrijving text, bedrag num, gemeld_op time
medewerker: id int pk, naam text, emailadres text, wachtwoord text
notitie: id int pk, schade_id int, medewerker_id int, tekst text, gemaakt_op time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("insurer_nl", SCHEMA)
    pick = world.pick
    for number, name in enumerate(("Auto", "Inboedel", "Reis"), 1):
        world.add("product", id=number, naam=name)
    staff = world.cast("nl", 8, "verzekeraar.example", "+3120")
    for number, one in enumerate(staff, 1):
        world.add("medewerker", [one], id=number, naam=one.name, emailadres=one.email, wachtwoord=world.bcrypt())
    parties = world.cast("nl", 70, prefix="+316120")
    number_of = {one: number for number, one in enumerate(parties, 1)}
    for number in range(1, 51):
        world.add(
            "adres", id=number, straat=pick.choice(STREETS), postcode=f"{1000 + number} AB", plaats=pick.choice(CITIES)
        )
    for one, number in number_of.items():
        one.user_ids.append(number)
        world.add("partij", [one], id=number, soort="P", aangemaakt_op=world.moment())
        world.add(
            "persoon",
            [one],
            partij_id=number,
            voornaam=one.given,
            achternaam=one.family,
            geboortedatum=world.birthday(),
            bsn=None,
        )
        for kind, value in (("email", one.email), ("mobiel", one.phone)):
            world.add(
                "contactgegeven", [one], id=world.next("contactgegeven"), partij_id=number, soort=kind, waarde=value
            )
        home = 1 + number % 50
        world.own("adres", home, one)
        world.add("partij_adres", [one], partij_id=number, adres_id=home, sinds=world.day())
    for number, one in enumerate(spread(world, parties, 110), 1):
        world.add(
            "polis",
            [one],
            id=number,
            polisnummer=f"P{number:07}",
            product_id=pick.randint(1, 3),
            premie=30,
            ingangsdatum=world.day(),
        )
        world.add("polis_rol", [one], polis_id=number, partij_id=number_of[one], rol="verzekeringnemer")
        insured = pick.choice(parties)
        if insured is not one and world.chance(0.2):
            world.add("polis_rol", [insured], polis_id=number, partij_id=number_of[insured], rol="verzekerde")
            world.own("polis", number, insured)
        if world.chance(0.6):
            claim = world.add(
                "schade",
                [one],
                id=world.next("schade"),
                polis_id=number,
                melder_id=number_of[one],
                omschrijving=world.text("nl"),
                bedrag=500,
                gemeld_op=world.moment(),
            )
            handler = pick.choice(staff)
            world.add(
                "notitie",
                [one, handler],
                id=world.next("notitie"),
                schade_id=claim,
                medewerker_id=staff.index(handler) + 1,
                tekst=world.text("nl"),
                gemaakt_op=world.moment(),
            )
    return world
