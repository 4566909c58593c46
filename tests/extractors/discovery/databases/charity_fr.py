"""A French charity with UUID keys: donors, volunteers and members of staff; held back until everything was tuned."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, World, spread

SCHEMA = """
personnel: id uuid pk, prenom text, nom text, mel text, mdp_hash text, fonction text
foyers: id uuid pk, libelle text, rue text, code_postal text, ville text
donateurs: id uuid pk, civilite text, prenom text, nom text, adresse_electronique text, portable text, foyer_id uuid,
  conseiller_id uuid, ne_le date, ne_plus_solliciter bool, cree_le time
campagnes: id uuid pk, intitule text, debut date, responsable_id uuid
dons: id uuid pk, donateur_id uuid, campagne_id uuid, montant num, recu_le date, moyen text
recus_fiscaux: id uuid pk, don_id uuid, numero text, emis_le date
mandats: id uuid pk, donateur_id uuid, iban text, bic text, signe_le date
courriers: id uuid pk, donateur_id uuid, redige_par uuid, objet text, corps text, envoye_le time
benevoles: id uuid pk, prenom text, nom text, courriel text, telephone text, contact_urgence text, tel_urgence text
creneaux: id uuid pk, lieu text, debut time
inscriptions: benevole_id uuid pk, creneau_id uuid pk, confirme bool
petitions: id uuid pk, titre text, texte text
signatures: id uuid pk, petition_id uuid, nom text, email text, ip text, signe_le time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("charity_fr", SCHEMA)
    pick = world.pick
    staff = world.cast("fr", 9, "asso.example", "+331")
    donors = world.cast("fr", 70, prefix="+33611")
    helpers = world.cast("fr", 30, "benevole.example", "+33622")
    ids = {one: world.uuid() for one in world.people}
    for one in staff:
        world.add(
            "personnel",
            [one],
            id=ids[one],
            prenom=one.given,
            nom=one.family,
            mel=one.email,
            mdp_hash=world.bcrypt(),
            fonction="chargé de mission",
        )
    homes = [
        world.add(
            "foyers",
            id=world.uuid(),
            libelle=f"Foyer {n}",
            rue=pick.choice(STREETS),
            code_postal=f"{75000 + n}",
            ville=pick.choice(CITIES),
        )
        for n in range(50)
    ]
    campaigns = [
        world.add(
            "campagnes",
            id=world.uuid(),
            intitule=f"Campagne {n}",
            debut=world.day(),
            responsable_id=ids[pick.choice(staff)],
            tolerated=staff,
        )
        for n in range(6)
    ]
    for number, one in enumerate(donors):
        one.user_ids.append(ids[one])
        home = homes[number % 50]
        world.own("foyers", home, one)
        world.add(
            "donateurs",
            [one],
            id=ids[one],
            civilite="Mme",
            prenom=one.given,
            nom=one.family,
            adresse_electronique=one.email,
            portable=one.phone,
            foyer_id=home,
            conseiller_id=ids[pick.choice(staff)],
            ne_le=world.birthday(),
            ne_plus_solliciter=world.chance(0.1),
            cree_le=world.moment(),
        )
        if world.chance(0.4):
            world.add(
                "mandats",
                [one],
                id=world.uuid(),
                donateur_id=ids[one],
                iban="FR7630006000011234567890189",
                bic="AGRIFRPP",
                signe_le=world.day(),
            )
    for one in spread(world, donors, 220):
        gift = world.add(
            "dons",
            [one],
            id=world.uuid(),
            donateur_id=ids[one],
            campagne_id=pick.choice(campaigns),
            montant=50,
            recu_le=world.day(),
            moyen="carte",
        )
        if world.chance(0.8):
            world.add(
                "recus_fiscaux",
                [one],
                id=world.uuid(),
                don_id=gift,
                numero=f"R{world.next('recus_fiscaux'):05}",
                emis_le=world.day(),
            )
    for one in spread(world, donors, 90):
        writer = pick.choice(staff)
        world.add(
            "courriers",
            [one, writer],
            id=world.uuid(),
            donateur_id=ids[one],
            redige_par=ids[writer],
            objet="Merci",
            corps=world.text("fr"),
            envoye_le=world.moment(),
        )
    slots = [world.add("creneaux", id=world.uuid(), lieu=pick.choice(CITIES), debut=world.moment()) for _ in range(12)]
    for one in helpers:
        other = pick.choice(donors)
        world.add(
            "benevoles",
            [one],
            id=ids[one],
            prenom=one.given,
            nom=one.family,
            courriel=one.email,
            telephone=one.phone,
            contact_urgence=other.name,
            tel_urgence=other.phone,
        )
        for slot in pick.sample(slots, 4):
            world.add("inscriptions", [one], benevole_id=ids[one], creneau_id=slot, confirme=True)
    petitions = [
        world.add("petitions", id=world.uuid(), titre=f"Pétition {n}", texte=world.text("fr")) for n in range(3)
    ]
    for one in [*pick.sample(donors, 40), *pick.sample(helpers, 10)]:
        world.add(
            "signatures",
            [one],
            id=world.uuid(),
            petition_id=pick.choice(petitions),
            nom=one.name,
            email=one.email,
            ip=world.ip(),
            signe_le=world.moment(),
        )
    return world
