"""What the people and firms of a large demo are called."""

import unicodedata

OWNER = "mara.lindqvist@nordlicht.example"
BIGGEST = "university.example"
AGENCY = "agency@web-agency.example"
"""A domain admin with as many domains as there may be: 200, or all."""


def _words(text: str) -> list[str]:
    return text.split()


FIRST = _words("""
Aaron Abdullah Adam Adriana Agata Ahmed Aiko Aisha Alan Alba Alejandro Alessandra Alice Álvaro Amélie Amir Anaïs
Anders Andrea Ángel Anika Anna Antonio Aoife Arne Astrid Ayşe Bartosz Beatriz Benedikt Bianca Björn Bogdan Brigitte
Bruno Camille Carla Carlos Carmen Caroline Cécile Chiara Chloé Christine Clara Claudia Concetta Cristiano Dagmar
Damian Daniel Daria David Deniz Diego Dmitri Dominik Dorota Eduardo Eiko Elena Eleni Elif Elisabeth Emil Emma Enrico
Erik Esra Esther Ewa Fabio Fátima Federica Felix Fernanda Filip Florian Francesca François Freya Friederike Gabriel
Gaëlle Georgios Gerda Giulia Gonçalo Greta Guillaume Gunnar Hana Hannah Hans Harald Heidi Helena Henrik Hiroshi Hugo
Ibrahim Ida Ilse Inês Ingrid Irena Isabel Ivan Jakub Jan Javier Jean Jelena Joana João Johanna Jonas Josef Julia
Jürgen Kaito Karin Katarzyna Kenji Klara Lars Laura Léa Lena Leonardo Linnea Lorenzo Louise Lucas Lucía Ludmila Luís
Maarten Magdalena Małgorzata Manon Marco Margarida María Marie Marta Matteo Mehmet Mia Michał Mika Miriam Mohamed
Monika Nadia Naoko Natalia Niccolò Nils Nina Noémie Nuria Olga Oliver Ömer Oskar Pablo Paola Patrícia Paul Pedro
Petra Pierre Piotr Rafael Ragnhild Raquel Renate Ricardo Rita Robert Rosa Ruth Sabine Salma Samuel Sandra Sara
Sebastian Sergio Sigrid Silvia Simone Sofia Sophie Stefan Susanne Svetlana Takumi Tania Teresa Theo Thomas Tiago
Tomasz Ulrike Valentina Vera Víctor Viktoria Wanda Wilhelm Wojciech Yasmin Yuki Yusuf Zoë Zofia
""")

LAST = _words("""
Abbate Adler Aguilar Åkesson Albrecht Almeida Andersen Araújo Arnaud Bachmann Barbieri Bauer Becker Bellini
Bergström Bernard Bianchi Blanchard Böhm Bonnet Borges Braun Bruun Byrne Cabral Calderón Caputo Cardoso Castelli
Çelik Chevalier Colombo Conceição Conti Costa Dąbrowski Daniel Delgado Demir Diallo Díaz Dietrich Doyle Dubois
Duarte Eklund Engel Eriksen Esposito Faber Farina Fernández Ferrari Ferreira Fischer Fontana Fournier Franke Fujita
Gallo García Gauthier Gentile Giordano Gomes González Götz Graf Greco Guerra Guillot Gutiérrez Haas Hansen Hartmann
Hayashi Heinrich Hernández Herrmann Hofer Huber Ibáñez Inoue Ivanov Jansen Jensen Jiménez Johansson Kaiser Kamiński
Kaplan Kato Kaya Keller Kimura Kjær Klein Koch Köhler Kovács Kowalski Krause Krüger Lambert Lang Larsson Laurent
Lefèvre Lehmann Leone Lindqvist Lombardi López Lorenz Lüders Machado Magalhães Maier Mancini Marchetti Marino
Márquez Martin Martins Mazur Meier Mendes Mercier Meyer Molina Moreau Moreno Morel Müller Muñoz Nagy Nakamura
Navarro Neumann Nielsen Nowak Núñez O'Brien Oliveira Olsen Ortega Ortiz Øverland Özdemir Pacheco Palmieri
Papadopoulos Parisi Pellegrini Peña Pereira Pérez Perrin Petersen Peterson Pinto Popescu Quintana Ramírez Raposo
Reis Ribeiro Richter Rinaldi Rivera Rizzo Roche Rodríguez Romano Rossi Rousseau Ruiz Russo Saito Sánchez Santos Sato
Schmidt Schneider Schröder Schulz Seidel Silva Simon Sørensen Sousa Steiner Suárez Suzuki Szabó Tanaka Teixeira
Testa Thomsen Torres Vargas Vázquez Vidal Villa Vogel Wagner Walter Watanabe Weber Weiß Winkler Wiśniewski Yamamoto
Yıldız Zieliński Zimmermann
""")

TRADES = _words("""
apotheke architetti atelier bäckerei bau bistro brasserie buchhandlung cafe carpintería cicli clinic consulting
dental design druckerei editora edilizia elektro energie farma fashion film finance floristería fotografia garten
gastro hotel immobilien imprenta ingenieure kanzlei kliniken labs law legno logistics marketing meble media metall
modehaus möbel music nautica notaires ottica pharma pizzeria plumbing praxis reisen schreinerei schule seguros
software solar spedition sport steuerberatung studio taller tech textil toys trattoria turismo vini vins werbung
zahnarzt
""")

FUNCTIONS = _words("""
info office sales billing support contact hello jobs careers press orders invoices accounting reception team service
bookings events newsletter webmaster postmaster abuse purchasing marketing legal warehouse returns complaints export
feedback
""")

TEAMS = _words("""
board management staff editors drivers trainees sysadmins front-desk night-shift project-north project-south archive
""")

_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "ł": "l",
        "Ł": "l",
        "ø": "o",
        "Ø": "o",
        "æ": "ae",
        "ı": "i",
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ö": "oe",
        "'": "",
    }
)


def plain(text: str) -> str:
    """Return a name as people write it in an address: `juergen` for `Jürgen`."""
    spelled = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode().lower()
