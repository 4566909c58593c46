"""A Spanish school: pupils, parents and teachers, each with numbers of their own from 1 on."""

from tests.extractors.discovery.databases.world import STREETS, World, spread

SCHEMA = """
tutores: id int pk, nombre text, apellidos text, correo text, telefono text, direccion text, iban text
alumnos: id int pk, nombre text, apellidos text, fecha_nacimiento date, correo text, alergias text, religion text
profesores: id int pk, nombre text, apellidos text, correo text, contrasena text
alumno_tutor: alumno_id int pk, tutor_id int pk, parentesco text
cursos: id int pk, nombre text, profesor_id int
matriculas: id int pk, alumno_id int, curso_id int, fecha date
notas: id int pk, matricula_id int, evaluacion int, nota num, comentario text
mensajes: id int pk, tutor_id int, profesor_id int, asunto text, texto text, enviado_el time
recibos: id int pk, tutor_id int, concepto text, importe num, emitido_el date
faltas: id int pk, alumno_id int, dia date, justificada bool, motivo text
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("school_es", SCHEMA)
    pick = world.pick
    teachers = world.cast("es", 10, "colegio.example", "+34655")
    parents = world.cast("es", 60, "casa.example", "+34611")
    pupils = world.cast("es", 70, "alumno.example", "+34622")
    number_of = {}
    for people in (teachers, parents, pupils):
        number_of |= {one: number for number, one in enumerate(people, 1)}
    for one in teachers:
        world.add(
            "profesores",
            [one],
            id=number_of[one],
            nombre=one.given,
            apellidos=one.family,
            correo=one.email,
            contrasena=world.bcrypt(),
        )
    for one in parents:
        world.add(
            "tutores",
            [one],
            id=number_of[one],
            nombre=one.given,
            apellidos=one.family,
            correo=one.email,
            telefono=one.phone,
            direccion=pick.choice(STREETS),
            iban="ES9121000418450200051332",
        )
        for _ in range(2):
            world.add(
                "recibos",
                [one],
                id=world.next("recibos"),
                tutor_id=number_of[one],
                concepto="Comedor",
                importe=110,
                emitido_el=world.day(),
            )
    for one in pupils:
        world.add(
            "alumnos",
            [one],
            id=number_of[one],
            nombre=one.given,
            apellidos=one.family,
            fecha_nacimiento=world.birthday(),
            correo=one.email,
            alergias="Frutos secos" if world.chance(0.2) else None,
            religion=pick.choice(("católica", "ninguna", "musulmana")),
        )
        for parent in pick.sample(parents, 2):
            world.add(
                "alumno_tutor",
                [one, parent],
                alumno_id=number_of[one],
                tutor_id=number_of[parent],
                parentesco=pick.choice(("madre", "padre")),
            )
        for _ in range(pick.randint(0, 3)):
            world.add(
                "faltas",
                [one],
                id=world.next("faltas"),
                alumno_id=number_of[one],
                dia=world.day(),
                justificada=world.chance(0.5),
                motivo="Consulta médica por la mañana",
            )
    for number in range(1, 16):
        teacher = pick.choice(teachers)
        world.add(
            "cursos", [teacher], id=number, nombre=f"Curso {number}", profesor_id=number_of[teacher], tolerated=pupils
        )
    for one in spread(world, pupils, 150):
        place = world.add(
            "matriculas",
            [one],
            id=world.next("matriculas"),
            alumno_id=number_of[one],
            curso_id=pick.randint(1, 15),
            fecha=world.day(),
        )
        for term in (1, 2):
            world.add(
                "notas",
                [one],
                id=world.next("notas"),
                matricula_id=place,
                evaluacion=term,
                nota=pick.randint(1, 10),
                comentario=world.text("es"),
            )
    for one in spread(world, parents, 130):
        teacher = pick.choice(teachers)
        world.add(
            "mensajes",
            [one, teacher],
            id=world.next("mensajes"),
            tutor_id=number_of[one],
            profesor_id=number_of[teacher],
            asunto="Tutoría",
            texto=world.text("es"),
            enviado_el=world.moment(),
        )
    return world
