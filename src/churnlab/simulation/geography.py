"""The states of Brazil: capitals, how many customers and sellers they have, what lies between."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

EARTH_RADIUS_KM = 6371.0
# Within a state, goods travel about so far.
OWN_STATE_KM = 60.0


class State(NamedTuple):
    """A state: capital with its position in degrees, first postal prefix, published counts."""

    code: str
    capital: str
    latitude: float
    longitude: float
    postal: int
    customers: int
    sellers: int


STATES = (
    State("SP", "sao paulo", -23.55, -46.63, 1000, 41746, 1849),
    State("RJ", "rio de janeiro", -22.91, -43.17, 20000, 12852, 171),
    State("MG", "belo horizonte", -19.92, -43.94, 30000, 11635, 244),
    State("RS", "porto alegre", -30.03, -51.23, 90000, 5466, 129),
    State("PR", "curitiba", -25.43, -49.27, 80000, 5045, 349),
    State("SC", "florianopolis", -27.60, -48.55, 88000, 3637, 190),
    State("BA", "salvador", -12.97, -38.50, 40000, 3380, 19),
    State("DF", "brasilia", -15.79, -47.88, 70000, 2140, 30),
    State("ES", "vitoria", -20.32, -40.34, 29000, 2033, 23),
    State("GO", "goiania", -16.69, -49.26, 74000, 2020, 40),
    State("PE", "recife", -8.05, -34.88, 50000, 1652, 9),
    State("CE", "fortaleza", -3.73, -38.53, 60000, 1336, 13),
    State("PA", "belem", -1.46, -48.50, 66000, 975, 1),
    State("MT", "cuiaba", -15.60, -56.10, 78000, 907, 4),
    State("MA", "sao luis", -2.53, -44.30, 65000, 747, 1),
    State("MS", "campo grande", -20.44, -54.65, 79000, 715, 5),
    State("PB", "joao pessoa", -7.12, -34.86, 58000, 536, 6),
    State("PI", "teresina", -5.09, -42.80, 64000, 495, 1),
    State("RN", "natal", -5.79, -35.21, 59000, 485, 5),
    State("AL", "maceio", -9.67, -35.74, 57000, 413, 0),
    State("SE", "aracaju", -10.91, -37.07, 49000, 350, 2),
    State("TO", "palmas", -10.17, -48.33, 77000, 280, 0),
    State("RO", "porto velho", -8.76, -63.90, 76800, 253, 2),
    State("AM", "manaus", -3.10, -60.02, 69000, 148, 1),
    State("AC", "rio branco", -9.97, -67.81, 69900, 81, 1),
    State("AP", "macapa", 0.03, -51.07, 68900, 68, 0),
    State("RR", "boa vista", 2.82, -60.67, 69300, 46, 0),
)
CODES = tuple(state.code for state in STATES)
CAPITALS = tuple(state.capital for state in STATES)
CUSTOMERS = tuple(state.customers for state in STATES)
SELLERS = tuple(state.sellers for state in STATES)
POSTAL = np.array([state.postal for state in STATES])


def distances() -> np.ndarray:
    """Return kilometres between the capitals, shape (states, states), by the haversine formula."""
    latitude = np.radians([state.latitude for state in STATES])
    longitude = np.radians([state.longitude for state in STATES])
    across = np.sin((latitude[:, None] - latitude) / 2) ** 2
    along = np.sin((longitude[:, None] - longitude) / 2) ** 2
    chord = across + np.cos(latitude[:, None]) * np.cos(latitude) * along
    km = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(chord))
    np.fill_diagonal(km, OWN_STATE_KM)
    return km


def postal_prefixes(rng: np.random.Generator, states: np.ndarray) -> np.ndarray:
    """Return five-digit postal prefixes in the given states, shape of `states`."""
    return POSTAL[states] + rng.integers(0, 900, len(states))
