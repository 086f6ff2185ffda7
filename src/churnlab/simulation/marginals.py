"""Shares and sizes as in the published tables, rounded; counted once from them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Category(NamedTuple):
    """A product category: published names, share of items, median price (reais), weight (grams)."""

    name: str
    english: str | None
    items: int
    price: float
    weight: float


CATEGORIES = (
    Category("cama_mesa_banho", "bed_bath_table", 11107, 73.6, 1261),
    Category("beleza_saude", "health_beauty", 9670, 78.8, 475),
    Category("esporte_lazer", "sports_leisure", 8641, 77.2, 767),
    Category("moveis_decoracao", "furniture_decor", 8334, 64.9, 1397),
    Category("informatica_acessorios", "computers_accessories", 7827, 78.1, 401),
    Category("utilidades_domesticas", "housewares", 6964, 59.1, 1428),
    Category("relogios_presentes", "watches_gifts", 5991, 127.9, 397),
    Category("telefonia", "telephony", 4545, 38.5, 213),
    Category("ferramentas_jardim", "garden_tools", 4347, 72.3, 1743),
    Category("automotivo", "auto", 4235, 80.8, 890),
    Category("brinquedos", "toys", 4117, 82.6, 887),
    Category("cool_stuff", "cool_stuff", 3796, 115.2, 1335),
    Category("perfumaria", "perfumery", 3419, 80.0, 342),
    Category("bebes", "baby", 3064, 81.7, 1146),
    Category("eletronicos", "electronics", 2767, 30.5, 294),
    Category("papelaria", "stationery", 2517, 69.1, 1197),
    Category("fashion_bolsas_e_acessorios", "fashion_bags_accessories", 2031, 53.6, 207),
    Category("pet_shop", "pet_shop", 1947, 77.6, 1024),
    Category("moveis_escritorio", "office_furniture", 1691, 145.2, 10088),
    Category("consoles_games", "consoles_games", 1137, 68.3, 280),
    Category("malas_acessorios", "luggage_accessories", 1092, 101.7, 2058),
    # Published without a translation.
    Category("pc_gamer", None, 9, 120.0, 800),
)
WITHOUT_CATEGORY = 0.0185
PHOTOS = (16489, 6263, 3860, 2428, 1484, 968, 343, 192, 105)

ITEMS_PER_ORDER = (88861, 7515, 1322, 505, 204, 198, 22, 8, 3, 10)
SAME_PRODUCT = 0.75
ORDERS_JOINED = 0.0135
PERSON_RETURNS = 0.034

# Purchases by hour of the day, and by day of the week from Monday on.
HOURS = (
    *(216, 92, 41, 29, 28, 19, 67, 129, 324, 454, 601, 641),
    *(682, 677, 655, 633, 709, 624, 586, 594, 601, 616, 559, 367),
)
WEEKDAYS = (1589, 1569, 1639, 1564, 1366, 1064, 1153)

PAYMENT_TYPES = ("credit_card", "boleto", "voucher", "debit_card")
PAYMENT_SHARES = (76504, 19784, 1621, 1527)
CARD_WITH_VOUCHERS = 0.0302
MORE_VOUCHERS = 0.2
# Instalments of cards, 1 to 10, in bands of the value: below 50, 100, 200, 400 reais, and above.
VALUE_BANDS = (50.0, 100.0, 200.0, 400.0)
INSTALMENTS = (
    (634, 144, 126, 96, 0, 0, 0, 0, 0, 0),
    (428, 157, 136, 75, 76, 54, 30, 29, 14, 1),
    (220, 220, 157, 89, 82, 60, 22, 53, 6, 91),
    (131, 114, 132, 139, 99, 74, 24, 125, 7, 155),
    (89, 50, 70, 74, 76, 81, 25, 177, 20, 338),
)

# Orders that were cancelled, and those that never got items, by the time of the snapshot.
CANCELLED = 0.006
WITHOUT_ITEMS = 0.007

REVIEWED = 0.992
SHARED_REVIEW = 0.008
COMMENTED = 0.41
# Scores 1 to 5: on time, up to two days late, later, and never delivered.
SCORES = (
    (470, 188, 566, 1690, 5882),
    (191, 44, 81, 147, 346),
    (52, 9, 11, 10, 18),
    (131, 13, 23, 8, 20),
)


def draw(rng: np.random.Generator, weights: tuple[int, ...], size: int) -> np.ndarray:
    """Return `size` indices into `weights`, each as often as its weight says; shape (size,)."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(edges, rng.random(size), side="right").astype(np.int64)
