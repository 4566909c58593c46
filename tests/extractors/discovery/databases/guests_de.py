"""A German shop without accounts: whoever orders leaves an address on the order."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
bestellung: id int pk, nummer text, email text, telefon text, vorname text, nachname text, summe num, bestellt_am time
position: id int pk, bestellung_id int, artikel_id int, menge int
artikel: id int pk, bezeichnung text, preis num
sendung: id int pk, bestellung_id int, empfaenger text, strasse text, plz text, ort text, verschickt_am time
retoure: id int pk, sendung_id int, grund text, bearbeitet_von text
gutschein: id int pk, code text, bestellung_id int
"""


def build() -> World:
    world = World("guests_de", SCHEMA)
    people = world.cast("de", 60)
    for number in range(1, 31):
        world.add("artikel", id=number, bezeichnung=f"Artikel {number}", preis=3)
    for one in spread(world, people, 140):
        order = world.add(
            "bestellung",
            [one],
            id=world.next("bestellung"),
            nummer=f"B{world.next('bestellung'):05}",
            email=one.email,
            telefon=one.phone,
            vorname=one.given,
            nachname=one.family,
            summe=5,
            bestellt_am=world.moment(),
        )
        for _ in range(world.pick.randint(1, 3)):
            world.add(
                "position",
                [one],
                id=world.next("position"),
                bestellung_id=order,
                artikel_id=world.pick.randint(1, 30),
                menge=1,
            )
        parcel = world.add(
            "sendung",
            [one],
            id=world.next("sendung", 300),
            bestellung_id=order,
            empfaenger=one.name,
            strasse="Weg 1",
            plz="10115",
            ort="Berlin",
            verschickt_am=world.moment(),
        )
        if world.chance(0.3):
            world.add(
                "retoure",
                [one],
                id=world.next("retoure"),
                sendung_id=parcel,
                grund=world.text("de"),
                bearbeitet_von=world.pick.choice(("mk", "tj")),
            )
        if world.chance(0.3):
            world.add("gutschein", [one], id=world.next("gutschein"), code=world.hex(10), bestellung_id=order)
    return world
