"""What the name of a column gives away, in English, Portuguese and Spanish."""

from __future__ import annotations

import re
import unicodedata

from churnlab.config.column import Privacy

# Parts of names; a column may use them in any case, joined by `_`, `-`, a blank or camel case.
DIRECT_WORDS = """
email mail phone telefone telefono celular mobile cpf rg cnpj ssn dni passport passaporte surname
lastname firstname fullname nome nombre apellido sobrenome address endereco direccion iban
"""
NUMBER_WORDS = "id uuid guid key codigo rownumber customerid"
SENSITIVE_WORDS = """
race raca raza ethnicity etnia religion religiao health saude salud disease doenca disability
political politica union sindicato orientation biometric genetic
"""
QUASI_WORDS = """
age idade edad birth birthday nascimento nacimiento gender sex sexo genero zip zipcode cep postal
city cidade ciudad state estado region regiao country pais geography bairro marital nationality
income renda salary salario
"""
DIRECT = frozenset(DIRECT_WORDS.split())
NUMBERS = frozenset(NUMBER_WORDS.split())
SENSITIVE = frozenset(SENSITIVE_WORDS.split())
QUASI = frozenset(QUASI_WORDS.split())
GROUPS = frozenset(("gender", "sex", "sexo", "genero"))
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(name: str) -> set[str]:
    """Return the words of a column's name without accents: `CustomerId` has customer and id."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = [word for word in re.split(r"[^a-z0-9]+", CAMEL.sub(" ", plain).lower()) if word]
    return {*words, "".join(words)}


def privacy_of(name: str) -> Privacy:
    """Return the privacy tag that a name suggests; `behavioural` where it suggests none."""
    words = words_of(name)
    if words & DIRECT:
        return "identifier"
    if words & SENSITIVE:
        return "sensitive"
    return "quasi-identifier" if words & QUASI else "behavioural"


def numbers_customers(name: str) -> bool:
    """Whether the name is that of a customer's number."""
    return bool(words_of(name) & NUMBERS)


def names_groups(name: str) -> bool:
    """Whether the column says to which group of people a customer belongs."""
    return bool(words_of(name) & GROUPS)


def study_name(text: str) -> str:
    """Return a name that files, parameters and stages can have: `Meu Churn-2024` as meu_churn_2024.

    Empty where nothing of the text can be used.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    return f"study_{name}" if name[:1].isdigit() else name
