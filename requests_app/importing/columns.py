"""The columns of a list: what each may be called, in the languages of the Union's larger countries."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from requests_app import rights
from requests_app.rights.answers import field_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from requests_app.rights import Question, Rules


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a request that a column may hold.

    Args:
        name: how the portal calls it.
        about: what to write, in words for people.
        example: of the template.
        spellings: how its column may be headed, as `squeezed` writes it, beside name and label.
        may_repeat: whether several columns may be it; their cells are joined.
    """

    name: str
    label: str
    about: str
    example: str
    spellings: str
    may_repeat: bool = False

    @property
    def headings(self) -> frozenset[str]:
        """Every heading that means this field."""
        return frozenset({squeezed(self.name), squeezed(self.label), *self.spellings.split()})


OWN = (
    Field(
        *("received", "Received", "The day it came, as 2026-03-31 or 31.03.2026; with a time if you know it."),
        example="2026-03-31",
        spellings="date datereceived receivedon receivedat receiptdate dateofreceipt submitted submittedat eingang "
        "eingangsdatum eingegangen eingangam datum empfangen receptionle datedereception recule datereception fecha "
        "fecharecepcion fechaderecepcion recibido ricevuto ricevutoil datadiricezione ontvangen ontvangstdatum "
        "datumontvangst otrzymano datawplywu datawplywu datarecebimento recebido",
    ),
    Field(
        *(
            "right",
            "Right",
            "What is asked for: access, erasure, … or the article, as Art. 15; several as access; erasure.",
        ),
        example="access",
        spellings="rights request requesttype typeofrequest type kind art article recht antrag antragsart anfrageart "
        "anliegen droit demande typededemande naturedelademande derecho solicitud tipodesolicitud diritto richiesta "
        "tipodirichiesta verzoek soortverzoek prawo rodzajzadania direito pedido tipodepedido",
    ),
    Field(
        *("name", "Name", "First and last name; they may stand in two columns."),
        example="Ann Example",
        spellings="fullname person datasubject subject requester customer firstname lastname surname forename "
        "givenname familyname vorname nachname familienname betroffener betroffeneperson antragsteller kunde nom "
        "prenom nomcomplet personneconcernee nombre apellido apellidos nombrecompleto interesado nome cognome "
        "nomecompleto interessato naam voornaam achternaam betrokkene imie nazwisko imieinazwisko apelido",
        may_repeat=True,
    ),
    Field(
        *("email", "E-mail", "Where notices are sent; leave it empty where there is none."),
        example="ann@example.org",
        spellings="mail emailaddress mailaddress emailadresse mailadresse courriel adressemail adresseelectronique "
        "correo correoelectronico direcciondecorreo postaelettronica indirizzoemail emailadres adresemail "
        "enderecodeemail",
    ),
    Field(
        *("phone", "Telephone", "If you know it."),
        example="+49 40 123456",
        spellings="phonenumber tel telephonenumber mobile telefon telefonnummer handy mobil numerotelephone "
        "telephone portable telefono numerodetelefono movil cellulare telefoon telefoonnummer numertelefonu telefone",
    ),
    Field(
        *("address", "Postal address", "Street, postcode and town; they may stand in several columns."),
        example="1 Example Street, 20095 Hamburg",
        spellings="postaladdress street streetaddress housenumber postcode postalcode zip zipcode city town anschrift "
        "adresse postanschrift strasse hausnummer plz postleitzahl ort stadt rue codepostal ville adressepostale "
        "direccion calle codigopostal ciudad localidad indirizzo via cap citta comune straat huisnummer woonplaats "
        "adres ulica kodpocztowy miasto morada endereco cidade",
        may_repeat=True,
    ),
    Field(
        *("place", "Lives in", "The country, by name or as DE; a part of it as DE-BY or US-CA."),
        example="DE",
        spellings="country countrycode residence state jurisdiction land staat wohnsitz wohnsitzland bundesland pays "
        "paysderesidence pais paisderesidencia paese statodiresidenza landcode woonland kraj",
    ),
    Field(
        *("channel", "Came by", "letter, e-mail, telephone or in person."),
        example="letter",
        spellings="channel receivedby medium source kanal eingangsweg eingangskanal weg canal moyen voie medio "
        "canale mezzo kanaal ingediendvia kanalwplywu",
    ),
    Field(
        *("language", "Language", "In which to write to them, as de or German."),
        example="en",
        spellings="lang locale sprache langue idioma lingua taal jezyk",
    ),
    Field(
        *("number", "Customer number", "What your systems know them by; several are separated by semicolons."),
        example="4711",
        spellings="customerid customerno userid accountnumber accountid memberid clientnumber kundennummer kundennr "
        "kundenid mitgliedsnummer benutzernummer numeroclient numerodecliente codigocliente codicecliente klantnummer "
        "numerklienta numerocliente",
        may_repeat=True,
    ),
    Field(
        *("details", "Details", "What exactly they ask for, your own file number."),
        example="Asks about the newsletter",
        spellings="text message description comment comments remark remarks note notes subjectmatter "
        "aktenzeichen bemerkung bemerkungen anmerkung inhalt betreff beschreibung details "
        "commentaire remarque objet observaciones asunto comentario descripcion note "
        "oggetto descrizione opmerking opmerkingen omschrijving uwagi opis reference filenumber",
        may_repeat=True,
    ),
)


def _of_question(rules: Rules, question: Question) -> Field:
    choices = f" One of: {', '.join(choice.slug for choice in question.choices)}." if question.choices else ""
    label = f"{rules.right.value.replace('_', ' ').capitalize()}: {question.name}"
    return Field(field_name(rules.right, question), label, f"{question.label}{choices}", example="", spellings="")


QUESTIONS = {
    field_name(right, question): (right, question)
    for right, rules in rights.all_rights().items()
    for question in rules.questions
}
"""What the rights ask, by the names of their columns."""
FIELDS = (*OWN, *(_of_question(rights.find(right), question) for right, question in QUESTIONS.values()))
BY_NAME = {field.name: field for field in FIELDS}
NEEDED = ("received", "right", "name")
"""What every request has; the others may be left out, or be said for the whole list."""


def squeezed(heading: str) -> str:
    """Write a heading without accents, case and whatever is no letter: `E-Mail-Adresse ` is `emailadresse`."""
    plain = unicodedata.normalize("NFKD", heading.replace("ß", "ss")).casefold().replace("ł", "l").replace("ø", "o")
    return re.sub(r"[^a-z]", "", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def recognised(headings: Sequence[str]) -> dict[int, str]:
    """Tell which field each column is, by its heading; the first of two columns that claim one field has it."""
    found: dict[int, str] = {}
    for position, heading in enumerate(headings):
        field = _field_of(squeezed(heading))
        if field and (field.may_repeat or field.name not in found.values()):
            found[position] = field.name
    return found


def faults_of(columns: Mapping[int, str], defaults: Iterable[str]) -> list[str]:
    """Say what is missing of the columns assigned, or stands twice.

    Args:
        defaults: the fields that are said for the whole list.
    """
    given = list(columns.values())
    missing = [BY_NAME[name].label for name in NEEDED if name not in given and name not in set(defaults)]
    faults = [f"{label}: please say which column it is." for label in missing]
    if not {"email", "address", "phone"} & set(given):
        faults.append("E-mail, Postal address or Telephone: please say which column it is; one of them is needed.")
    twice = [field for field in FIELDS if not field.may_repeat and given.count(field.name) > 1]
    return faults + [f"{field.label}: two columns cannot both be it." for field in twice]


def _field_of(heading: str) -> Field | None:
    if not heading:
        return None
    return next((field for field in FIELDS if heading in field.headings), None)
