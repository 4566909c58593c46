"""A German clinic: patients and staff, whose numbers overlap; findings hang below appointments."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
krankenkassen: id int pk, bezeichnung text, kennung text
medikamente: id int pk, name text, wirkstoff text, preis num
patienten: id int pk, nachname text, vorname text, geburtsdatum date, geschlecht char(1), email text, telefon text,
  strasse text, plz text, ort text, krankenkasse_id int, versichertennummer text, angelegt_am time, geloescht_am
  time
mitarbeiter: id int pk, vorname text, nachname text, email text, position text, passwort_hash text, eingestellt_am
  date
termine: id int pk, patient_id int, arzt_id int, beginn time, status char(1), bemerkung text
befunde: id int pk, termin_id int, diagnose text, icd_code text, text text, erstellt_am time
rezepte: id int pk, patient_id int, medikament_id int, ausgestellt_von int, dosierung text, datum date
notfallkontakte: id int pk, patient_id int, name text, telefon text, email text, beziehung text
rechnungen: id int pk, rechnungsnummer text, patient_id int, betrag num, gestellt_am date, bezahlt_am date
dienstplan: id int pk, mitarbeiter_id int, tag date, schicht text
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("clinic_de", SCHEMA)
    pick = world.pick
    for number, name in enumerate(("AOK", "Techniker", "Barmer", "DAK"), 1):
        world.add("krankenkassen", id=number, bezeichnung=name, kennung=f"10{number}")
    for number in range(1, 21):
        world.add("medikamente", id=number, name=f"Mittel {number}", wirkstoff="Ibuprofen", preis=number)
    patients = world.cast("de", 60)
    staff = world.cast("de", 12, "klinik.example", "+4930555")
    for number, one in enumerate(staff, 1):
        one_id = world.add(
            "mitarbeiter",
            [one],
            id=number,
            vorname=one.given,
            nachname=one.family,
            email=one.email,
            position=pick.choice(("Arzt", "Ärztin", "Pflege")),
            passwort_hash=world.bcrypt(),
            eingestellt_am=world.day(),
        )
        for _ in range(8):
            world.add(
                "dienstplan",
                [one],
                id=world.next("dienstplan"),
                mitarbeiter_id=one_id,
                tag=world.day(),
                schicht=pick.choice(("früh", "spät")),
            )
    ids = {}
    for number, one in enumerate(patients, 1):
        ids[one] = world.add(
            "patienten",
            [one],
            id=number,
            nachname=one.family,
            vorname=one.given,
            geburtsdatum=world.birthday(),
            geschlecht=pick.choice("mw"),
            email=one.email,
            telefon=one.phone,
            strasse=pick.choice(STREETS),
            plz="10115",
            ort=pick.choice(CITIES),
            krankenkasse_id=pick.randint(1, 4),
            versichertennummer=f"A{pick.randrange(10**9):09}",
            angelegt_am=world.moment(),
            geloescht_am=world.moment() if number % 13 == 0 else None,
        )
        one.user_ids.append(number)
        other = pick.choice(patients)
        world.add(
            "notfallkontakte",
            [one],
            id=number,
            patient_id=number,
            name=other.name,
            telefon=other.phone,
            email=other.email,
            beziehung=pick.choice(("Ehepartner", "Mutter")),
        )
    for one in spread(world, patients, 200):
        doctor = pick.choice(staff)
        appointment = world.add(
            "termine",
            [one, doctor],
            id=world.next("termine"),
            patient_id=ids[one],
            arzt_id=staff.index(doctor) + 1,
            beginn=world.moment(),
            status=pick.choice("OKA"),
            bemerkung=world.text("de"),
        )
        if world.chance(0.7):
            world.add(
                "befunde",
                [one],
                id=world.next("befunde"),
                termin_id=appointment,
                diagnose=world.text("de"),
                icd_code="R51",
                text=world.text("de"),
                erstellt_am=world.moment(),
            )
    for one in spread(world, patients, 120):
        doctor = pick.choice(staff)
        world.add(
            "rezepte",
            [one, doctor],
            id=world.next("rezepte"),
            patient_id=ids[one],
            medikament_id=pick.randint(1, 20),
            ausgestellt_von=staff.index(doctor) + 1,
            dosierung="1-0-1",
            datum=world.day(),
        )
        world.add(
            "rechnungen",
            [one],
            id=world.next("rechnungen"),
            rechnungsnummer=f"R-{world.next('rechnungen'):05}",
            patient_id=ids[one],
            betrag=pick.randrange(9000) / 100,
            gestellt_am=world.day(),
            bezahlt_am=world.day(),
        )
    return world
