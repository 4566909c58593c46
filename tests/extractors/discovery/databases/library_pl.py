"""A Polish library; written before anything was tuned, and kept out of the tuning."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
autorzy: id int pk, imie text, nazwisko text
ksiazki: id int pk, tytul text, autor_id int, isbn text, rok int
egzemplarze: id int pk, ksiazka_id int, sygnatura text, filia_id int
filie: id int pk, nazwa text, kierownik_id int
bibliotekarze: id int pk, imie text, nazwisko text, email text, haslo text
czytelnicy: id int pk, numer_karty text, imie text, nazwisko text, adres_email text, telefon text, data_urodzenia
  date, ulica text, miasto text, kod_pocztowy text, pesel text, utworzono time
wypozyczenia: id int pk, egzemplarz_id int, czytelnik_id int, bibliotekarz_id int, wypozyczono date, zwrocono date
kary: id int pk, wypozyczenie_id int, kwota num, zaplacono date
rezerwacje: id int pk, czytelnik_id int, ksiazka_id int, zlozono time
opinie: id int pk, ksiazka_id int, czytelnik_id int, ocena int, tresc text, odpowiedz_na int
zgody: czytelnik_id int pk, marketing bool, newsletter bool, zmieniono time
logowania*: id uuid pk, numer_karty text, ip text, kiedy time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("library_pl", SCHEMA)
    pick = world.pick
    staff, readers = world.cast("pl", 9, "biblioteka.example", "+4822"), world.cast("pl", 80, prefix="+48601")
    for number in range(1, 26):
        world.add("autorzy", id=number, imie=pick.choice(readers).given, nazwisko=pick.choice(readers).family)
    for number in range(1, 61):
        world.add(
            "ksiazki", id=number, tytul=f"Tom {number}", autor_id=1 + number % 25, isbn=f"978{number:010}", rok=1990
        )
    for number in range(1, 4):
        world.add("filie", id=number, nazwa=f"Filia {number}", kierownik_id=number, tolerated=world.people)
    for number in range(1, 121):
        world.add("egzemplarze", id=number, ksiazka_id=1 + number % 60, sygnatura=f"S{number}", filia_id=1 + number % 3)
    for number, one in enumerate(staff, 1):
        world.add(
            "bibliotekarze",
            [one],
            id=number,
            imie=one.given,
            nazwisko=one.family,
            email=one.email,
            haslo=world.bcrypt(),
        )
    card = {}
    for number, one in enumerate(readers, 1):
        one.user_ids.append(number)
        card[one] = f"K{pick.randrange(10**8):08}"
        world.add(
            "czytelnicy",
            [one],
            id=number,
            numer_karty=card[one],
            imie=one.given,
            nazwisko=one.family,
            adres_email=one.email,
            telefon=one.phone,
            data_urodzenia=world.birthday(),
            ulica=pick.choice(STREETS),
            miasto=pick.choice(CITIES),
            kod_pocztowy="00-950",
            pesel=None,
            utworzono=world.moment(),
        )
        world.add(
            "zgody",
            [one],
            czytelnik_id=number,
            marketing=world.chance(0.5),
            newsletter=world.chance(0.5),
            zmieniono=world.moment(),
        )
        for _ in range(2):
            world.add("logowania", [one], id=world.uuid(), numer_karty=card[one], ip=world.ip(), kiedy=world.moment())
    for one in spread(world, readers, 220):
        clerk = pick.randint(1, 9)
        loan = world.add(
            "wypozyczenia",
            [one, staff[clerk - 1]],
            id=world.next("wypozyczenia"),
            egzemplarz_id=pick.randint(1, 120),
            czytelnik_id=one.user_ids[0],
            bibliotekarz_id=clerk,
            wypozyczono=world.day(),
            zwrocono=world.day(),
        )
        if world.chance(0.3):
            world.add("kary", [one], id=world.next("kary"), wypozyczenie_id=loan, kwota=5, zaplacono=world.day())
    for one in spread(world, readers, 100):
        world.add(
            "rezerwacje",
            [one],
            id=world.next("rezerwacje"),
            czytelnik_id=one.user_ids[0],
            ksiazka_id=pick.randint(1, 60),
            zlozono=world.moment(),
        )
        number = world.next("opinie")
        world.add(
            "opinie",
            [one],
            id=number,
            ksiazka_id=pick.randint(1, 60),
            czytelnik_id=one.user_ids[0],
            ocena=pick.randint(1, 5),
            tresc=world.text("pl"),
            odpowiedz_na=pick.randint(1, number - 1) if number > 1 and world.chance(0.3) else None,
        )
    return world
