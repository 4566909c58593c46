"""A French shop: guests who are known by e-mail alone, shared addresses, invited friends."""

from tests.extractors.discovery.databases.world import CITIES, STREETS, Subject, World, spread

SCHEMA = """
produits: id int pk, libelle text, prix num, categorie_id int
categories: id int pk, libelle text, parent_id int
adresses: id int pk, rue text, ville text, code_postal text, pays char(2)
clients: id int pk, nom text, prenom text, courriel text unique, telephone text, mot_de_passe text, adresse_id int,
  date_naissance date, newsletter bool, cree_le time, supprime_le time
commandes: id int pk, numero text, client_id int, courriel_facturation text, adresse_livraison_id int, total num,
  passee_le time, note text
lignes_commande: commande_id int pk, no_ligne int pk, produit_id int, quantite int, prix num
avis: id int pk, client_id int, produit_id int, note int, texte text, publie_le time
paniers: id uuid pk, client_id int, contenu json, jeton text, modifie_le time
abonnes_newsletter: courriel text pk, inscrit_le time, confirme bool
parrainages: id int pk, parrain_id int, courriel_invite text, envoye_le time
journal_connexions*: evenement uuid pk, courriel text, adresse_ip text, agent text, survenu_le time
"""


def build() -> World:  # noqa: C901  # a story told in order
    world = World("shop_fr", SCHEMA)
    pick = world.pick
    for number in range(1, 9):
        world.add("categories", id=number, libelle=f"Rayon {number}", parent_id=None if number < 3 else 1)
    for number in range(1, 41):
        world.add("produits", id=number, libelle=f"Article {number}", prix=number, categorie_id=1 + number % 8)
    for number in range(1, 46):
        world.add(
            "adresses",
            id=number,
            rue=pick.choice(STREETS),
            ville=pick.choice(CITIES),
            code_postal=f"75{number:03}",
            pays="FR",
        )
    clients = world.cast("fr", 70, prefix="+336120")
    guests = [Subject("Invité", f"N{number}", f"invite{number}@example.test", None) for number in range(8)]
    world.people += guests
    home = {}
    for number, one in enumerate(clients, 100):
        home[one] = 1 + number % 40
        world.own("adresses", home[one], one)
        world.add(
            "clients",
            [one],
            id=number,
            nom=one.family,
            prenom=one.given,
            courriel=one.email,
            telephone=one.phone,
            mot_de_passe=world.bcrypt(),
            adresse_id=home[one],
            date_naissance=world.birthday(),
            newsletter=world.chance(0.5),
            cree_le=world.moment(),
            supprime_le=None if number % 17 else world.moment(),
        )
        one.user_ids.append(number)
        if world.chance(0.4):
            friend = pick.choice(clients + guests)
            world.add(
                "parrainages",
                [one],
                id=world.next("parrainages"),
                parrain_id=number,
                courriel_invite=friend.email,
                envoye_le=world.moment(),
            )
        if world.chance(0.5):
            world.add(
                "paniers",
                [one],
                id=world.uuid(),
                client_id=number,
                contenu={"articles": [pick.randint(1, 40)], "jeton": world.hex()},
                jeton=world.hex(40),
                modifie_le=world.moment(),
            )
        if world.chance(0.5):
            world.add("abonnes_newsletter", [one], courriel=one.email, inscrit_le=world.moment(), confirme=True)
    for one in [*guests, *spread(world, clients, 180)]:
        is_guest = one in guests
        delivery = home.get(one, 45) if world.chance(0.9) else 1 + pick.randrange(40)
        world.own("adresses", delivery, one)
        order = world.add(
            "commandes",
            [one],
            id=world.next("commandes"),
            numero=f"C{world.next('commandes'):06}",
            client_id=one.user_ids[0] if not is_guest else None,
            courriel_facturation=one.email,
            adresse_livraison_id=delivery,
            total=pick.randrange(20000) / 100,
            passee_le=world.moment(),
            note=world.text("fr") if world.chance(0.3) else None,
        )
        for line in range(1, 1 + pick.randint(1, 4)):
            world.add(
                "lignes_commande",
                [one],
                commande_id=order,
                no_ligne=line,
                produit_id=pick.randint(1, 40),
                quantite=line,
                prix=9,
            )
        world.add(
            "journal_connexions",
            [one],
            evenement=world.uuid(),
            courriel=one.email,
            adresse_ip=world.ip(),
            agent="Mozilla/5.0 (X11)",
            survenu_le=world.moment(),
        )
    for one in spread(world, clients, 90):
        world.add(
            "avis",
            [one],
            id=world.next("avis"),
            client_id=one.user_ids[0],
            produit_id=pick.randint(1, 40),
            note=pick.randint(1, 5),
            texte=world.text("fr"),
            publie_le=world.moment(),
        )
    return world
