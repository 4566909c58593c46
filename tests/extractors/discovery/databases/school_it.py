"""An Italian school: everything in capitals and shortened, telephones in a table of their own, rooms."""

from tests.extractors.discovery.databases.world import Subject, World, spread

SCHEMA = """
T_ANAGR: COD_ANAGR int pk, COGNOME text, NOME text, DT_NASC date, COD_FISC text, E_MAIL text, COD_COM int
T_COMUNI: COD_COM int pk, DESCR text, CAP text, PROV char(2)
T_RECAPITI: PROG int pk, COD_ANAGR int, TIPO char(1), VALORE text
T_CORSI: COD_CORSO int pk, DESCR text, LIVELLO char(2), COD_DOC int, COD_AULA int
T_AULE: COD_AULA int pk, DESCR text, INDIRIZZO text, TELEFONO text
T_DOCENTI: COD_DOC int pk, NOMINATIVO text, MAIL_UFF text, UTENTE text, PWD text
T_ISCR: COD_ISCR int pk, COD_ANAGR int, COD_CORSO int, DT_ISCR date, NOTE text
T_PAGAM: NUM_PAG int pk, COD_ISCR int, IMPORTO num, DT_PAG date, COD_DOC_INC int
T_PRESENZE: COD_ISCR int pk, DT_LEZ date pk, PRES bool
"""


def build() -> World:
    world = World("school_it", SCHEMA)
    people = world.cast("it", 80, prefix="+39345")
    staff = world.cast("it", 7, domain="scuola.test")
    _add_courses(world, staff)
    for number, one in enumerate(people, 1):
        world.add(
            "T_ANAGR",
            [one],
            COD_ANAGR=number,
            COGNOME=one.family,
            NOME=one.given,
            DT_NASC=world.birthday(),
            COD_FISC=None,
            E_MAIL=one.email,
            COD_COM=world.pick.randint(1, 30),
        )
        world.add("T_RECAPITI", [one], PROG=world.next("T_RECAPITI"), COD_ANAGR=number, TIPO="C", VALORE=one.phone)
        if number % 3 == 0:
            world.add(
                "T_RECAPITI",
                [one],
                PROG=world.next("T_RECAPITI"),
                COD_ANAGR=number,
                TIPO="F",
                VALORE=f"+3902{number:07}",
            )
    for one in spread(world, people, 140):
        course = world.pick.randint(1, 15)
        teacher = staff[course % 7]
        sign = world.add(
            "T_ISCR",
            [one],
            tolerated=[teacher],
            COD_ISCR=world.next("T_ISCR"),
            COD_ANAGR=people.index(one) + 1,
            COD_CORSO=course,
            DT_ISCR=world.day(2020),
            NOTE=world.text("it") if world.chance(0.3) else None,
        )
        world.add(
            "T_PAGAM",
            [one],
            tolerated=staff,
            NUM_PAG=world.next("T_PAGAM"),
            COD_ISCR=sign,
            IMPORTO=150,
            DT_PAG=world.day(2020),
            COD_DOC_INC=world.pick.randint(1, 7),
        )
        for number in range(3):
            world.add("T_PRESENZE", [one], COD_ISCR=sign, DT_LEZ=world.day(2021 + number), PRES=True)
    return world


def _add_courses(world: World, staff: list[Subject]) -> None:
    for number in range(1, 31):
        world.add("T_COMUNI", COD_COM=number, DESCR=f"Paese {number}", CAP=f"{20100 + number}", PROV="MI")
    for number in range(1, 5):
        world.add(
            "T_AULE",
            COD_AULA=number,
            DESCR=f"Aula {number}",
            INDIRIZZO=f"Via Roma {number}",
            TELEFONO=f"+390212345{number:02}",
        )
    for number, one in enumerate(staff, 1):
        world.add(
            "T_DOCENTI",
            [one],
            COD_DOC=number,
            NOMINATIVO=one.name,
            MAIL_UFF=one.email,
            UTENTE=f"doc{number}",
            PWD=world.hex(40),
        )
    for number in range(1, 16):
        world.add(
            "T_CORSI",
            COD_CORSO=number,
            DESCR=f"Corso {number}",
            LIVELLO="A1",
            COD_DOC=1 + number % 7,
            COD_AULA=1 + number % 4,
        )
        world.own("T_CORSI", number, staff[number % 7])
