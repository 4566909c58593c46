"""What refers to what in the made-up databases: no constraint of theirs says so.

A line per link, `table.column > table`, where the target's column is its only key, else `> table.column`. A line that
begins with `?` may be found or not: it is true, but another reading is as good.
"""

Link = tuple[str, tuple[str, ...], str, tuple[str, ...]]

TRUE_LINKS = {
    "booking_it": """
        prenotazioni.ospite_id > ospiti
        prenotazioni.camera_id > camere
        prenotazioni.creato_da > utenti
        accompagnatori.prenotazione_id > prenotazioni
        pagamenti.prenotazione_id > prenotazioni
        recensioni.ospite_id > ospiti
        accessi.utente_id > utenti
    """,
    "chinook": """
        Album.ArtistId > Artist
        Track.AlbumId > Album
        Employee.ReportsTo > Employee
        Customer.SupportRepId > Employee
        Invoice.CustomerId > Customer
        InvoiceLine.InvoiceId > Invoice
        InvoiceLine.TrackId > Track
        PlaylistTrack.PlaylistId > Playlist
        PlaylistTrack.TrackId > Track
    """,
    "clinic_de": """
        patienten.krankenkasse_id > krankenkassen
        termine.patient_id > patienten
        termine.arzt_id > mitarbeiter
        befunde.termin_id > termine
        rezepte.patient_id > patienten
        rezepte.medikament_id > medikamente
        rezepte.ausgestellt_von > mitarbeiter
        notfallkontakte.patient_id > patienten
        rechnungen.patient_id > patienten
        dienstplan.mitarbeiter_id > mitarbeiter
    """,
    "employees": """
        dept_emp.emp_no > employees
        dept_emp.dept_no > departments
        dept_manager.emp_no > employees
        dept_manager.dept_no > departments
        salaries.emp_no > employees
        titles.emp_no > employees
    """,
    "forum": """
        users.banned_by > users
        user_settings.user_id > users
        sessions.user_id > users
        groups.created_by > users
        group_members.group_id > groups
        group_members.user_id > users
        posts.user_id > users
        posts.group_id > groups
        posts.edited_by > users
        replies.post_id > posts
        replies.user_id > users
        replies.parent_id > replies
        likes.post_id > posts
        likes.user_id > users
        attachments.post_id > posts
        private_messages.sender_id > users
        private_messages.recipient_id > users
        follows.follower_id > users
        follows.followed_id > users
        reports.post_id > posts
        reports.reporter_id > users
        reports.handled_by > users
        invitations.inviter_id > users
        ?invitations.invited_email > users.email
    """,
    "hr_pt": """
        departamentos.diretor_id > funcionarios
        funcionarios.departamento_id > departamentos
        funcionarios.cargo_id > cargos
        funcionarios.chefe_id > funcionarios
        funcionarios.morada_id > moradas
        contactos_emergencia.funcionario_id > funcionarios
        vencimentos.funcionario_id > funcionarios
        vencimentos.processado_por > funcionarios
        ferias.funcionario_id > funcionarios
        ferias.aprovado_por > funcionarios
        avaliacoes.avaliado_id > funcionarios
        avaliacoes.avaliador_id > funcionarios
        filiacoes.funcionario_id > funcionarios
        filiacoes.sindicato_id > sindicatos
        candidaturas.candidato_id > candidatos
        candidaturas.cargo_id > cargos
        entrevistas.candidatura_id > candidaturas
        entrevistas.entrevistador_id > funcionarios
    """,
    "insurer_nl": """
        persoon.partij_id > partij
        contactgegeven.partij_id > partij
        partij_adres.partij_id > partij
        partij_adres.adres_id > adres
        polis.product_id > product
        polis_rol.polis_id > polis
        polis_rol.partij_id > partij
        schade.polis_id > polis
        schade.melder_id > partij
        notitie.schade_id > schade
        notitie.medewerker_id > medewerker
    """,
    "legacy_us": """
        T_ADDR.A_CID > T_CUST
        T_EMP.E_MGR > T_EMP
        T_ORDHDR.OH_CID > T_CUST
        T_ORDDTL.OD_ITM > T_ITM
        T_CALL.CL_CID > T_CUST
        T_CALL.CL_EID > T_EMP
        T_CRD.CR_CID > T_CUST
        T_ORDDTL.OD_CO,OD_NO > T_ORDHDR.OH_CO,OH_NO
    """,
    "library_pl": """
        ksiazki.autor_id > autorzy
        egzemplarze.ksiazka_id > ksiazki
        egzemplarze.filia_id > filie
        filie.kierownik_id > bibliotekarze
        wypozyczenia.egzemplarz_id > egzemplarze
        wypozyczenia.czytelnik_id > czytelnicy
        wypozyczenia.bibliotekarz_id > bibliotekarze
        kary.wypozyczenie_id > wypozyczenia
        rezerwacje.czytelnik_id > czytelnicy
        rezerwacje.ksiazka_id > ksiazki
        opinie.ksiazka_id > ksiazki
        opinie.czytelnik_id > czytelnicy
        opinie.odpowiedz_na > opinie
        zgody.czytelnik_id > czytelnicy
        ?logowania.numer_karty > czytelnicy.numer_karty
    """,
    "sakila": """
        city.country_id > country
        address.city_id > city
        store.manager_staff_id > staff
        store.address_id > address
        staff.address_id > address
        staff.store_id > store
        customer.store_id > store
        customer.address_id > address
        film_actor.actor_id > actor
        film_actor.film_id > film
        inventory.film_id > film
        inventory.store_id > store
        rental.inventory_id > inventory
        rental.customer_id > customer
        rental.staff_id > staff
        payment.customer_id > customer
        payment.staff_id > staff
        payment.rental_id > rental
    """,
    "school_es": """
        alumno_tutor.alumno_id > alumnos
        alumno_tutor.tutor_id > tutores
        cursos.profesor_id > profesores
        matriculas.alumno_id > alumnos
        matriculas.curso_id > cursos
        notas.matricula_id > matriculas
        mensajes.tutor_id > tutores
        mensajes.profesor_id > profesores
        recibos.tutor_id > tutores
        faltas.alumno_id > alumnos
    """,
    "shop_fr": """
        produits.categorie_id > categories
        categories.parent_id > categories
        clients.adresse_id > adresses
        commandes.client_id > clients
        commandes.adresse_livraison_id > adresses
        lignes_commande.commande_id > commandes
        lignes_commande.produit_id > produits
        avis.client_id > clients
        avis.produit_id > produits
        paniers.client_id > clients
        parrainages.parrain_id > clients
        ?commandes.courriel_facturation > clients.courriel
        ?parrainages.courriel_invite > clients.courriel
        ?journal_connexions.courriel > clients.courriel
    """,
    "wordpress": """
        wp_usermeta.user_id > wp_users
        wp_posts.post_author > wp_users
        wp_posts.post_parent > wp_posts
        wp_postmeta.post_id > wp_posts
        wp_comments.comment_post_ID > wp_posts
        wp_comments.comment_parent > wp_comments
        wp_comments.user_id > wp_users
        wp_commentmeta.comment_id > wp_comments
        wp_term_relationships.object_id > wp_posts
        wp_term_relationships.term_taxonomy_id > wp_terms
    """,
}


def true_links(name: str, keys: dict[str, tuple[str, ...]]) -> tuple[set[Link], set[Link]]:
    """Give the links that must be found, and those that may be.

    Args:
        keys: of the tables.
    """
    must, may = set(), set()
    for line in filter(None, map(str.strip, TRUE_LINKS[name].splitlines())):
        column, _, target = line.removeprefix("?").partition(" > ")
        (table, names), (to_table, _, to_names) = column.split(".", 1), target.partition(".")
        to_columns = tuple(to_names.split(",")) if to_names else keys[to_table]
        (may if line.startswith("?") else must).add((table, tuple(names.split(",")), to_table, to_columns))
    return must, may
