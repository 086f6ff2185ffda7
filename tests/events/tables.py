"""Small published tables, right in every row, and what a test changes in them."""

import csv

HEADERS = {
    "translation": "product_category_name product_category_name_english",
    "products": (
        "product_id product_category_name product_name_lenght product_description_lenght "
        "product_photos_qty product_weight_g product_length_cm product_height_cm product_width_cm"
    ),
    "sellers": "seller_id seller_zip_code_prefix seller_city seller_state",
    "customers": (
        "customer_id customer_unique_id customer_zip_code_prefix customer_city customer_state"
    ),
    "orders": (
        "order_id customer_id order_status order_purchase_timestamp order_approved_at "
        "order_delivered_carrier_date order_delivered_customer_date order_estimated_delivery_date"
    ),
    "items": (
        "order_id order_item_id product_id seller_id shipping_limit_date price freight_value"
    ),
    "payments": "order_id payment_sequential payment_type payment_installments payment_value",
    "reviews": (
        "review_id order_id review_score review_comment_title review_comment_message "
        "review_creation_date review_answer_timestamp"
    ),
}


def sound():
    """Return rows by table: two sellers, three orders, four items."""
    return {
        "translation": [["brinquedos", "toys"], ["bebes", "baby"]],
        "products": [
            ["p1", "brinquedos", 40, 200, 2, 500, 10, 20, 30],
            ["p2", "bebes", 30, 100, 1, 1500, 16, 10, 12],
        ],
        "sellers": [["s1", "01001", "sao paulo", "SP"], ["s2", "20000", "rio", "RJ"]],
        "customers": [
            ["c1", "u1", "01002", "sao paulo", "SP"],
            ["c2", "u2", "30000", "belo horizonte", "MG"],
            ["c3", "u1", "01002", "sao paulo", "SP"],
        ],
        "orders": [
            order("o1", "c1", "2017-05-02 10:00:00", "2017-05-09 12:00:00"),
            order("o2", "c2", "2017-06-01 23:59:59", "2017-06-20 08:00:00"),
            order("o3", "c3", "2018-01-15 00:00:00", ""),
        ],
        "items": [
            ["o1", 1, "p1", "s1", "2017-05-08 10:00:00", "58.90", "13.29"],
            ["o1", 2, "p2", "s2", "2017-05-07 09:00:00", "20.00", "8.72"],
            ["o2", 1, "p2", "s2", "2017-06-07 00:00:00", "19.99", "8.72"],
            ["o3", 1, "p1", "s1", "2018-01-20 11:00:00", "55.00", "13.00"],
        ],
        "payments": [
            ["o1", 1, "credit_card", 8, "90.00"],
            ["o1", 2, "voucher", 1, "10.91"],
            ["o2", 1, "boleto", 1, "28.71"],
            ["o3", 1, "debit_card", 1, "68.00"],
        ],
        "reviews": [
            ["r1", "o1", 5, "", "ótimo", "2017-05-10 00:00:00", "2017-05-11 03:43:48"],
            [
                "r2",
                "o2",
                1,
                "",
                'ele disse "já vai",\nnão foi',
                "2017-06-21",
                "2017-06-30 10:00:00",
            ],
        ],
    }


def order(name, customer, purchased, delivered):
    """Return a row of orders; other steps lie between."""
    status = "delivered" if delivered else "shipped"
    day = purchased[:10]
    return [
        name,
        customer,
        status,
        purchased,
        purchased,
        f"{day} 23:59:59",
        delivered,
        "2018-02-01",
    ]


def write(folder, rows, catalog):
    """Write rows as the published files; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in rows.items():
        with (folder / catalog.tables[name].file).open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(HEADERS[name].split())
            writer.writerows(content)
    return folder
