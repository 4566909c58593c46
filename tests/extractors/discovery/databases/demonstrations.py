"""The demonstration companies with their foreign keys removed and their names translated."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from requests_app.demonstration.writing import write_demonstration
from tests.extractors.discovery.databases.world import told_key
from tests.extractors.discovery.evaluating import Expected, Truth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests_app.demonstration import truth

ROWS, PEOPLE = 5_000, 120

TABLES = {
    "de": """users benutzer postal_addresses postanschriften workflows ablaeufe workflow_runs ablauf_laeufe jobs
        arbeitsschritte subscriptions abonnements invoices rechnungen audit_logs protokoll plans tarife
        user_profiles benutzerprofile user_preferences benutzereinstellungen organizations
        organisationen org_members mitgliedschaften org_grants_saved gemerkte_foerderungen grant_tasks
        aufgaben grant_comments foerderkommentare task_comments aufgabenkommentare grant_activity_log
        aktivitaeten grant_documents dokumente mention_notifications erwaehnungen approval_requests
        freigaben recent_searches letzte_suchen""",
    "fr": """users utilisateurs postal_addresses adresses_postales workflows processus workflow_runs executions jobs
        etapes subscriptions abonnements invoices factures audit_logs journal plans formules
        user_profiles profils user_preferences preferences organizations organisations org_members
        adhesions org_grants_saved subventions_enregistrees grant_tasks taches grant_comments
        commentaires_subvention task_comments commentaires_tache grant_activity_log activites
        grant_documents documents mention_notifications mentions approval_requests approbations
        recent_searches recherches""",
    "pl": """users uzytkownicy postal_addresses adresy workflows przeplywy workflow_runs uruchomienia jobs
        zadania_kroki subscriptions subskrypcje invoices faktury audit_logs dziennik plans plany
        user_profiles profile_uzytkownikow user_preferences ustawienia organizations organizacje
        org_members czlonkostwa org_grants_saved zapisane_granty grant_tasks zadania grant_comments
        komentarze_grantow task_comments komentarze_zadan grant_activity_log aktywnosc grant_documents
        dokumenty mention_notifications wzmianki approval_requests zatwierdzenia recent_searches
        ostatnie_wyszukiwania""",
}
COLUMNS = {
    "de": """id nr email e_mail previous_email fruehere_e_mail phone telefon display_name anzeigename full_name name
        about ueber_mich bio beschreibung_person date_of_birth geburtsdatum last_login_ip letzte_ip
        last_sign_in_ip letzte_ip invited_by eingeladen_von address_id anschrift_nr default_workflow_id
        standardablauf_nr password_hash passwort_hash created_at erstellt_am deleted_at geloescht_am
        street strasse city ort postcode plz country land owner_id besitzer_nr forked_from kopiert_aus
        workflow_id ablauf_nr triggered_by ausgeloest_von run_id lauf_nr retry_of wiederholt user_id
        benutzer_nr plan_code tarif_code subscription_id abonnement_nr billing_address_id
        rechnungsanschrift_nr billing_email rechnungs_e_mail billing_name rechnungsname actor_email
        handelnde_e_mail user_agent programm impersonated_by vertreten_durch code kuerzel org_id
        organisation_nr saved_by gemerkt_von grant_id foerderung_nr assigned_to zugewiesen_an created_by
        erstellt_von author_id verfasser_nr task_id aufgabe_nr parent_id antwort_auf uploaded_by
        hochgeladen_von recipient_email empfaenger_e_mail mentioned_by erwaehnt_von comment_id
        kommentar_nr requested_by beantragt_von approver_id genehmiger_nr primary_org_id
        hauptorganisation_nr event_id ereignis_nr delivery_id zustellung_nr token_x token_y""",
}


def write_translated(company: str, url: str, language: str | None, *, columns: bool = False) -> Truth:
    """Write a company with neither foreign keys nor the names its map was written for, and give its truth."""
    truth = write_demonstration(company, url, ROWS, PEOPLE)
    tables = _pairs(TABLES[language]) if language else {}
    names = _pairs(COLUMNS[language]) if language and columns else {}
    if url.startswith("sqlite"):
        _rename_sqlite(url, truth, tables, names)
    else:
        _rename_postgresql(url, truth, tables, names)
    return _truth(truth, tables, names)


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _rename_sqlite(url: str, truth: truth.Truth, tables: Mapping[str, str], names: Mapping[str, str]) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as database:
        database.execute("PRAGMA writable_schema = ON")
        for name, text in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall():
            bare = re.sub(r",\s*CONSTRAINT \w+ FOREIGN KEY\([^)]*\) REFERENCES \w+ \([^)]*\)", "", text)
            database.execute("UPDATE sqlite_master SET sql = ? WHERE name = ? AND type = 'table'", (bare, name))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as database:
        assert not any(database.execute(f"PRAGMA foreign_key_list({name})").fetchall() for name in truth.tables)
        for name in truth.tables:
            present = [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
            for column in present:
                if column in names:
                    database.execute(f"ALTER TABLE {name} RENAME COLUMN {column} TO {names[column]}")
            if name in tables:
                database.execute(f"ALTER TABLE {name} RENAME TO {tables[name]}")


CONSTRAINTS = "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f'"
PRESENT = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"


def _rename_postgresql(url: str, truth: truth.Truth, tables: Mapping[str, str], names: Mapping[str, str]) -> None:
    def change(statement: str, *identifiers: str) -> None:
        database.execute(sql.SQL(statement).format(*map(sql.Identifier, identifiers)))

    with psycopg.connect(url, autocommit=True) as database:
        for table, constraint in database.execute(CONSTRAINTS).fetchall():
            change("ALTER TABLE {} DROP CONSTRAINT {}", table, constraint)
        for name in truth.tables:
            for (column,) in database.execute(PRESENT, [name]).fetchall():
                if column in names:
                    change("ALTER TABLE {} RENAME COLUMN {} TO {}", name, column, names[column])
            if name in tables:
                change("ALTER TABLE {} RENAME TO {}", name, tables[name])
        database.execute("ANALYZE")


def _truth(truth: truth.Truth, tables: Mapping[str, str], names: Mapping[str, str]) -> Truth:
    keys = {
        tables.get(name, name): tuple(names.get(column, column) for column in table.key)
        for name, table in truth.tables.items()
    }
    owned: defaultdict[str, set[str]] = defaultdict(set)
    people = []
    for key, person in truth.people.items():
        pairs = [(kind, str(value)) for kind, values in person.identifiers.items() for value in values]
        rows = {tables.get(name, name): set(map(_told, found)) for name, found in person.rows.items()}
        for table, found in rows.items():
            owned[table] |= found
        people.append(Expected(key, pairs, rows))
    return Truth(people, keys, owned)


def _told(key: truth.Key) -> str:
    return told_key(tuple(key)) if isinstance(key, tuple | list) else told_key((key,))
