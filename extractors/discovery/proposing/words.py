"""Words by which tables say what they hold, in the languages discovery knows; folded, singular and plural."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STAFF = _words("""
    employee staff emp worker personnel teacher doctor physician clerk agent operator admin administrator
    instructor librarian nurse mitarbeiter angestellte personal lehrer lehrkraft arzt arzte aerzte
    sachbearbeiter pfleger bibliothekar employe employes salarie salaries enseignant professeur medecin empleado
    empleados profesor profesores maestro medico trabajador dipendente dipendenti docente docenti insegnante
    impiegato medewerker medewerkers personeel werknemer docent leraar arts funcionario funcionarios empregado
    colaborador professor pracownik pracownicy nauczyciel lekarz bibliotekarz bibliotekarze personel
""")
"""Who works for the organisation."""

SUBJECTS = _words("""
    user users customer customers cust client clients member members patient patients account accounts
    subscriber guest guests student students pupil reader tenant kunde kunden benutzer nutzer mitglied
    mitglieder patienten gast gaste gaeste schuler schueler utilisateur utilisateurs adherent abonne eleve
    usuario usuarios cliente clientes socio socios paciente pacientes alumno alumnos huesped utente utenti
    clienti paziente pazienti ospite ospiti alunno gebruiker gebruikers klant klanten lid leden leerling
    utilizador utilizadores aluno uzytkownik uzytkownicy klient klienci czlonek pacjent pacjenci czytelnik
    czytelnicy uczen partij party parties person persons people personen personne personnes persona personas
    pessoa pessoas osoba osoby profile profiles
""")
"""Whom the organisation serves, or anybody at all."""

LOGINS = _words("""
    user users account accounts benutzer nutzer utilisateur utilisateurs usuario usuarios utente utenti
    gebruiker gebruikers utilizador utilizadores uzytkownik uzytkownicy profile profiles
""")
"""Those of the subjects that name a login, whoever has it."""

PLACES = _words("""
    organisation organisations organization organizations org orgs company companies team teams tenant tenants
    workspace workspaces group groups department departments store stores branch branches shop shops office
    school class classes course courses club account_group project_group firma firmen gruppe gruppen verein
    abteilung abteilungen filiale filialen klasse kurs kurse entreprise entreprises societe groupe groupes
    equipe departement magasin classe cours empresa empresas grupo grupos equipo equipos departamento
    departamentos tienda clase curso cursos azienda aziende gruppo gruppi reparto negozio corso corsi bedrijf
    bedrijven groep groepen afdeling afdelingen winkel klas cursus organisatie departament turma turmas loja
    organizacja organizacje firmy grupa grupy zespol dzial dzialy oddzial filia filie sklep klasa kursy
    organizacao organizacion organizzazione
""")
"""What people are members of, work for or buy at."""

LOG_WORDS = _words("""
    log logs audit activity activities event events history histories login logins session sessions visit visits
    search searches notification notifications tracking access click clicks journal journaux connexions
    connexion protokoll protokolle verlauf aktivitat aktivitaten anmeldungen zugriffe registro registros
    historial actividad accesos accessi registri cronologia attivita logboek activiteit activiteiten bezoeken
    atividade atividades acessos dziennik logowania historia zdarzenia aktywnosc wyszukiwania recherches suchen
    busquedas ricerche pesquisas suchanfragen
""")
"""What happened, row by row."""

KEPT_WORDS = _words("""
    invoice invoices payment payments order orders bill bills receipt receipts transaction transactions
    subscription subscriptions salary salaries payroll booking bookings ordhdr rechnung rechnungen zahlung
    zahlungen bestellung bestellungen auftrag auftrage auftraege gehalt gehalter facture factures paiement
    paiements commande commandes salaires factura facturas pago pagos pedido pedidos recibo recibos nomina
    nominas fattura fatture pagamento pagamenti ordine ordini factuur facturen betaling betalingen bestelling
    bestellingen fatura faturas pagamentos encomenda encomendas vencimentos faktura faktury platnosc platnosci
    zamowienie zamowienia
""")
"""What accounting and tax law usually wants kept."""

TYPE_WORDS = _words("""
    type types kind class model typ art klasse tipo tipos clase classe soort modele genre rodzaj klasa
""")
"""What a column is called that says which table another one points at."""
