"""A Portuguese payroll with applicants; written before anything was tuned, and kept out of the tuning."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
departamentos: id int pk, nome text, diretor_id int
cargos: id int pk, designacao text, nivel int
moradas: id int pk, rua text, localidade text, codigo_postal text
funcionarios: id int pk, nome_completo text, correio_eletronico text, telemovel text, data_nascimento date, nif
  text, iban text, departamento_id int, cargo_id int, chefe_id int, morada_id int, admitido_em date
contactos_emergencia: id int pk, funcionario_id int, nome text, telefone text, correio text
vencimentos: id int pk, funcionario_id int, mes date, valor num, processado_por int
ferias: id int pk, funcionario_id int, inicio date, fim date, aprovado_por int, observacoes text
avaliacoes: id int pk, avaliado_id int, avaliador_id int, nota int, comentario text, realizada_em date
sindicatos: id int pk, nome text
filiacoes: funcionario_id int pk, sindicato_id int pk, desde date
candidatos: id int pk, nome text, email text, telefone text, cv_texto text, consentimento bool, recebido_em time
candidaturas: id int pk, candidato_id int, cargo_id int, estado char(1), enviada_em time
entrevistas: id int pk, candidatura_id int, entrevistador_id int, data time, parecer text
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("hr_pt", SCHEMA)
    pick = world.pick
    staff, applicants = world.cast("pt", 60, "empresa.example", "+35191"), world.cast("pt", 50, prefix="+35196")
    for number in range(1, 6):
        world.add("departamentos", id=number, nome=f"Departamento {number}", diretor_id=number, tolerated=staff)
        world.add("cargos", id=number, designacao=f"Cargo {number}", nivel=number)
        world.add("sindicatos", id=number, nome=f"Sindicato {number}")
    for number in range(1, 41):
        world.add(
            "moradas",
            id=number,
            rua=pick.choice(STREETS),
            localidade=pick.choice(CITIES),
            codigo_postal=f"1000-{number:03}",
        )
    for number, one in enumerate(staff, 1):
        one.user_ids.append(number)
        home = 1 + number % 40
        world.own("moradas", home, one)
        world.add(
            "funcionarios",
            [one],
            id=number,
            nome_completo=one.name,
            correio_eletronico=one.email,
            telemovel=one.phone,
            data_nascimento=world.birthday(),
            nif=None,
            iban="PT50000201231234567890154",
            departamento_id=1 + number % 5,
            cargo_id=1 + number % 5,
            chefe_id=None if number < 4 else pick.randint(1, 3),
            morada_id=home,
            admitido_em=world.day(),
        )
        other = pick.choice(staff)
        world.add(
            "contactos_emergencia",
            [one],
            id=number,
            funcionario_id=number,
            nome=other.name,
            telefone=other.phone,
            correio=other.email,
        )
        for _ in range(3):
            world.add(
                "vencimentos",
                [one],
                id=world.next("vencimentos"),
                funcionario_id=number,
                mes=world.day(),
                valor=1500,
                processado_por=2,
                tolerated=staff[1:2],
            )
        world.add(
            "ferias",
            [one],
            id=number,
            funcionario_id=number,
            inicio=world.day(),
            fim=world.day(),
            aprovado_por=pick.randint(1, 3),
            observacoes=world.text("pt"),
            tolerated=staff[:3],
        )
        judge = pick.choice([person for person in staff if person is not one])
        world.add(
            "avaliacoes",
            [one, judge],
            id=number,
            avaliado_id=number,
            avaliador_id=staff.index(judge) + 1,
            nota=4,
            comentario=world.text("pt"),
            realizada_em=world.day(),
        )
        if world.chance(0.4):
            world.add("filiacoes", [one], funcionario_id=number, sindicato_id=pick.randint(1, 5), desde=world.day())
    for number, one in enumerate(applicants, 1):
        world.add(
            "candidatos",
            [one],
            id=number,
            nome=one.name,
            email=one.email,
            telefone=one.phone,
            cv_texto=world.text("pt"),
            consentimento=True,
            recebido_em=world.moment(),
        )
    for one in spread(world, applicants, 80):
        entry = world.add(
            "candidaturas",
            [one],
            id=world.next("candidaturas"),
            candidato_id=applicants.index(one) + 1,
            cargo_id=pick.randint(1, 5),
            estado=pick.choice("ARP"),
            enviada_em=world.moment(),
        )
        if world.chance(0.5):
            judge = pick.choice(staff)
            world.add(
                "entrevistas",
                [one, judge],
                id=world.next("entrevistas"),
                candidatura_id=entry,
                entrevistador_id=staff.index(judge) + 1,
                data=world.moment(),
                parecer=world.text("pt"),
            )
    return world
