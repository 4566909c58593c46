"""What a reference to a person makes of them: whose row it is, a party to it, or who handled it; told by its name."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from extractors.discovery.spelling import folded


class Role(IntEnum):
    """How close a person is to a row that refers to them; higher is closer."""

    OTHER = 0  # somebody mentioned: a manager, a relative, an emergency contact
    EDITOR = 1  # changed or removed the row
    HANDLER = 2  # did something with it: processed, verified, invited
    CREATOR = 3  # entered it
    PARTY = 4  # sender, buyer, assignee; what no list knows
    OWNER = 5  # whose row it is


# Beginnings of words, in the languages discovery knows; a word ending in a blank is meant whole.
_BEGINNINGS: dict[Role, str] = {
    Role.OTHER: """
        manager, supervis, chief , boss, head , leader, director, reports to, reportsto, mgr , mngr , emergency,
        spouse, parent user, support rep, supportrep, sales rep, salesrep, rep , account manager, substitute,
        deputy, vorgesetzt, leiter, leitung, chef, notfall, vertret, urgence, conjoint, responsab, jefe, jefa,
        emergencia, conyuge, capo , superiore, dirett, emergenza, coniuge, leidinggev, baas, noodgeval, chefe,
        gerente, diret, kierownik, przelozon, szef, awaryjn, dyrektor""",
    Role.EDITOR: """
        updat, modif, edit, chang, delet, remov, lock, bann, block, impersonat, archiv, geander, geaender,
        bearbeitet von, geloscht, geloescht, gesperrt, mis a jour, supprim, actualiz, borrad, eliminad,
        aggiornat, cancellat, gewijzigd, bijgewerkt, verwijderd, alterad, atualiz, apagad, excluid, zmodyfik,
        zmienion, zmienil, usunal, usuniet, zaktualiz, zablokow""",
    Role.HANDLER: """
        handl, process, verif, check, moderat, resolv, clos, confirm, invit, referr, related, mention, recommend,
        printed, locked, cancel, bearbeit, sachbearb, gepruf, gepruef, bestatigt, bestaetigt, eingeladen,
        geworben, erwahnt, erwaehnt, empfohlen, storniert, trait, gere par, annul, parraine par, mentionne,
        gestion, procesad, tramitad, anulad, gestit, elaborat, annullat, menzion, behandel, verwerk,
        afgehandeld, uitgenodigd, vermeld, tratad, convidad, mencionad, obsluz, przetworz, zweryfik, sprawdz,
        anulow, zapros, wspomnian, polecon, rozpatr""",
    Role.CREATOR: """
        creat, enter, record, regist, insert, added, erstell, angelegt, erfass, cree , cree par, saisi,
        enregistr, cread, registrad, ingresad, inserit, registrat, aangemaakt, gemaakt, ingevoerd, criad,
        utworz, dodan, dodal, wprowadz, stworz""",
    Role.OWNER: """
        user, usr , uid , customer, cust , client, member, account, acct , owner, author, patient, person,
        subscriber, holder, profile, student, pupil, employee, emp , guest, tenant , contact, kunde, kundin,
        benutzer, nutzer, anwender, mitglied, konto, besitz, eigentum, eigentuem, inhaber, autor, verfass,
        schuler, schueler, gast, mitarbeiter, utilisateur, membre, compte, propriet, titulaire, auteur,
        adherent, abonne, eleve, salarie, usuario, cliente, socio, miembro, cuenta, titular, alumn, emplead,
        huesped, paciente, utente, membro, autore, titolare, ospite, paziente, dipendent, allieve, alunn,
        gebruiker, klant, lid , eigenaar, houder, leerling, medewerker, utilizador, dono , aluno, funcionari,
        hospede, uzytkown, klient, czlon, wlascic, posiadacz, czytelni, pracown, uczen, uczni, pacjent, gosc,
        abonent, beneficiar""",
}


# Beginnings of words for who takes part in a row, whoever else does.
_TAKING_PART = """
    assign,approv,review,request,report,send,sent,recip,receiv,buyer,seller,vendor,payer,payee,
    from ,to ,host,author,zugewiesen,genehm,freigegeb,gepruft von,beantragt,absender,empfang,
    empfaeng,kaufer,kaeufer,verkauf,melder,assigne,approuv,expediteur,destinataire,acheteur,vendeur,
    demandeur,asignad,aprobad,remitente,destinatario,comprador,vendedor,solicitante,assegnat,approvat,
    mittente,acquirente,venditore,richiedente,toegewezen,goedgekeurd,afzender,ontvanger,koper,verkoper,
    aanvrager,atribuid,aprovad,remetente,przypisan,zatwierdz,nadawca,odbiorca,kupujac,sprzedaw,
    wnioskod,starter,trigger"""


def _patterns() -> list[tuple[Role, re.Pattern[str]]]:
    found = []
    for role in (Role.OTHER, Role.EDITOR, Role.HANDLER, Role.CREATOR, Role.OWNER):
        found.append((role, _beginning_with(_BEGINNINGS[role])))
    return found


def _beginning_with(beginnings: str) -> re.Pattern[str]:
    stems = [stem.lstrip() for stem in beginnings.replace("\n", "").split(",")]
    return re.compile("|".join(rf"(?<![a-z]){re.escape(stem)}" for stem in stems if stem.strip()))


_PATTERNS = _patterns()
_PARTIES = _beginning_with(_TAKING_PART)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
ID_WORDS = frozenset(("id", "ids", "uuid", "guid", "key", "fk", "pk", "no", "nr", "num", "number", "ref", "code", "sk"))


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """Split a name into folded words: `OrderedByUser_id` into ordered, by, user, id."""
    parted = _CAMEL.sub(" ", name)
    return tuple(word for word in re.split(r"[^a-z0-9]+", folded(parted)) if word)


def role_of(column: str, to_table: str) -> Role:
    """Tell the role of whom a column refers to, by what it is called and the table it points at."""
    words = [word for word in words_of(column) if word not in ID_WORDS]
    text = " ".join(words) + " "
    for role, pattern in _PATTERNS:
        if pattern.search(text):
            return role
    return Role.OWNER if _is_called_after(words, to_table) else Role.PARTY


def is_party(column: str) -> bool:
    """Whether a name says plainly that whom it refers to takes part in the row: buyer, sender, assigned to."""
    return bool(_PARTIES.search(" ".join(words_of(column)) + " "))


def names_a_person(column: str) -> bool:
    """Whether a name says by itself that a column refers to a person: seller, author, user."""
    text = " ".join(word for word in words_of(column) if word not in ID_WORDS) + " "
    closest = next((role for role, pattern in _PATTERNS if pattern.search(text)), None)
    return is_party(column) or closest in (Role.OWNER, Role.CREATOR)


def _is_called_after(words: list[str], table: str) -> bool:
    """Whether all words of a column are of a table's name, singular and plural taken alike."""
    of_table = words_of(table.rsplit(".", 1)[-1])
    return bool(words) and all(any(_alike(word, other) for other in of_table) for word in words)


def _alike(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    common = next((index for index in range(shorter) if one[index] != other[index]), shorter)
    return common == shorter or (common >= 4 and max(len(one), len(other)) - common <= 3)
