"""An Italian hotel: guests, the staff's logins, and notes that point at tables named by a type."""

from tests.extractors.discovery.databases.world import World, spread

SCHEMA = """
camere: id int pk, numero text, piano int, prezzo num
utenti: id int pk, nome_utente text, email text, password text, ruolo text, ultimo_accesso time
ospiti: id int pk, nome text, cognome text, email text, telefono text, documento text, nazionalita char(2), note
  text
prenotazioni: id int pk, codice text, ospite_id int, camera_id int, arrivo date, partenza date, stato char(1),
  creato_da int, creato_il time
accompagnatori: id int pk, prenotazione_id int, nome text, cognome text, data_nascita date
pagamenti: id int pk, prenotazione_id int, importo num, iban text, pagato_il time
recensioni: id int pk, ospite_id int, voto int, testo text, risposta text, scritta_il time
note: id int pk, entita_tipo text, entita_id int, testo text, scritta_il time
accessi: id int pk, utente_id int, indirizzo_ip text, avvenuto_il time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("booking_it", SCHEMA)
    pick = world.pick
    for number in range(1, 31):
        world.add("camere", id=number, numero=str(100 + number), piano=number // 10, prezzo=80)
    staff = world.cast("it", 8, "hotel.example", "+3906")
    for number, one in enumerate(staff, 1):
        world.add(
            "utenti",
            [one],
            id=number,
            nome_utente=f"{one.given.lower()}{number}",
            email=one.email,
            password=world.bcrypt(),
            ruolo="reception",
            ultimo_accesso=world.moment(),
        )
        for _ in range(6):
            world.add(
                "accessi",
                [one],
                id=world.next("accessi"),
                utente_id=number,
                indirizzo_ip=world.ip(),
                avvenuto_il=world.moment(),
            )
    guests = world.cast("it", 70, prefix="+393331")
    number_of = {one: number for number, one in enumerate(guests, 1)}
    for one, number in number_of.items():
        one.user_ids.append(number)
        world.add(
            "ospiti",
            [one],
            id=number,
            nome=one.given,
            cognome=one.family,
            email=one.email,
            telefono=one.phone,
            documento=f"CA{pick.randrange(10**7):07}",
            nazionalita="IT",
            note=world.text("it") if world.chance(0.3) else None,
        )
        if world.chance(0.5):
            world.add(
                "note",
                [one],
                id=world.next("note"),
                entita_tipo="ospite",
                entita_id=number,
                testo=world.text("it"),
                scritta_il=world.moment(),
            )
    for one in spread(world, guests, 150):
        maker = pick.choice(staff)
        booking = world.add(
            "prenotazioni",
            [one, maker],
            id=world.next("prenotazioni"),
            codice=f"B{world.next('prenotazioni'):05}",
            ospite_id=number_of[one],
            camera_id=pick.randint(1, 30),
            arrivo=world.day(2020),
            partenza=world.day(2020),
            stato=pick.choice("CPA"),
            creato_da=staff.index(maker) + 1,
            creato_il=world.moment(),
        )
        if world.chance(0.5):
            world.add(
                "accompagnatori",
                [one],
                id=world.next("accompagnatori"),
                prenotazione_id=booking,
                nome=pick.choice(guests).given,
                cognome=one.family,
                data_nascita=world.birthday(),
            )
        world.add(
            "pagamenti",
            [one],
            id=world.next("pagamenti"),
            prenotazione_id=booking,
            importo=240,
            iban="IT60X0542811101000000123456",
            pagato_il=world.moment(),
        )
        if world.chance(0.3):
            world.add(
                "note",
                [one],
                id=world.next("note"),
                entita_tipo="prenotazione",
                entita_id=booking,
                testo=world.text("it"),
                scritta_il=world.moment(),
            )
    for one in spread(world, guests, 80):
        world.add(
            "recensioni",
            [one],
            id=world.next("recensioni"),
            ospite_id=number_of[one],
            voto=pick.randint(1, 5),
            testo=world.text("it"),
            risposta=None,
            scritta_il=world.moment(),
        )
    return world
