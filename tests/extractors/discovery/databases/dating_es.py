"""A Spanish site for finding a partner: random keys, logins and telephones in tables of their own."""

from tests.extractors.discovery.databases.world import Subject, World

SCHEMA = """
perfil: uid uuid pk, alias text, fecha_nac date, sexo char(1), busca char(1), creado time
credencial: uid uuid pk, correo text, clave text
movil: uid uuid, numero text pk, verificado bool
me_gusta: de_uid uuid pk, a_uid uuid pk, cuando time
pareja: id int pk, uid_a uuid, uid_b uuid, desde time
mensaje: id int pk, pareja_id int, remitente uuid, texto text, enviado time
denuncia: id int pk, denunciante uuid, denunciado uuid, motivo text, moderador_id int
moderador: id int pk, nombre text, correo text, clave text
foto: id int pk, uid uuid, url text, hash text
aficion: id int pk, nombre text
perfil_aficion: uid uuid pk, aficion_id int pk
"""


def build() -> World:
    world = World("dating_es", SCHEMA)
    people = world.cast("es", 80, prefix="+346")
    staff = world.cast("es", 5, domain="empresa.test")
    ids = {one: world.uuid() for one in people}
    for n in range(1, 13):
        world.add("aficion", id=n, nombre=f"aficion {n}")
    for n, one in enumerate(staff, 1):
        world.add("moderador", [one], id=n, nombre=one.name, correo=one.email, clave=world.bcrypt())
    for one in people:
        u = ids[one]
        world.add(
            "perfil",
            [one],
            uid=u,
            alias=f"{one.given.lower()}_{world.hex(3)}",
            fecha_nac=world.birthday(),
            sexo="F",
            busca="M",
            creado=world.moment(),
        )
        world.add("credencial", [one], uid=u, correo=one.email, clave=world.bcrypt())
        world.add("movil", [one], uid=u, numero=f"{one.phone}{people.index(one)}", verificado=True)
        world.add("foto", [one], id=world.next("foto"), uid=u, url=f"/f/{world.hex(8)}.jpg", hash=world.hex(64))
        for hobby in world.pick.sample(range(1, 13), 2):
            world.add("perfil_aficion", [one], uid=u, aficion_id=hobby)
        for other in world.pick.sample([p for p in people if p is not one], 3):
            world.add("me_gusta", [one, other], de_uid=u, a_uid=ids[other], cuando=world.moment())
    _add_pairs(world, people, ids)
    for n in range(1, 41):
        a, b = world.pick.sample(people, 2)
        world.add(
            "denuncia",
            [a, b],
            tolerated=staff,
            id=n,
            denunciante=ids[a],
            denunciado=ids[b],
            motivo=world.text("es"),
            moderador_id=world.pick.randint(1, 5),
        )
    return world


def _add_pairs(world: World, people: list[Subject], ids: dict[Subject, str]) -> None:
    for n in range(1, 71):
        a, b = world.pick.sample(people, 2)
        pair = world.add("pareja", [a, b], id=n, uid_a=ids[a], uid_b=ids[b], desde=world.moment())
        for _ in range(4):
            s, r = world.pick.sample([a, b], 2)
            world.add(
                "mensaje",
                [s],
                tolerated=[r],
                id=world.next("mensaje"),
                pareja_id=pair,
                remitente=ids[s],
                texto=world.text("es"),
                enviado=world.moment(),
            )
