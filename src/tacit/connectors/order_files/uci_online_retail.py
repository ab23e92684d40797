"""The profile of "Online Retail": a British gift shop's order lines, 2010-12-01 to 2011-12-09.

Published by the UCI Machine Learning Repository, https://doi.org/10.24432/C5BW33, CC BY 4.0.
"""

from __future__ import annotations

from decimal import Decimal

from tacit.checkout.types.order import OrderKind
from tacit.connectors.order_files.profile import Columns, Oddity, Profile, Selling
from tacit.core.money import Money

_LINES = "SELECT count(*) FROM order_file_line WHERE "
_ORDERS = "SELECT count(*) FROM order_file_order WHERE "

ODDITIES = (
    Oddity(
        "zero prices",
        "lines whose unit price is 0",
        "kept; they set no product's price",
        _LINES + "price = 0",
    ),
    Oddity(
        "negative prices",
        "lines whose unit price is below 0 (bad debt written off)",
        "kept as they are",
        _LINES + "price < 0",
    ),
    Oddity(
        "prices finer than a penny",
        "unit prices that no minor unit holds, such as £0.001",
        "rounded to the nearest penny, halves up",
        _LINES + "price * 100 <> trunc(price * 100)",
    ),
    Oddity(
        "negative quantities outside C invoices",
        "stock corrections in the clothes of an invoice, without price or customer",
        "their invoices are kept as adjustments: nothing was sold",
        _LINES + "quantity < 0 AND kind <> 'credit_note'",
    ),
    Oddity(
        "A invoices",
        "invoices beginning with A adjust bad debt",
        "kept as adjustments",
        _ORDERS + "invoice LIKE 'A%'",
    ),
    Oddity(
        "invoices with several times",
        "invoices whose lines do not all carry the same time",
        "placed at the earliest of them",
        _ORDERS + "several_times",
    ),
    Oddity(
        "codes differing only in case",
        "stock codes also written with another case, such as 85123A and 85123a, with the same descriptions",
        "one product: codes are read in capitals",
        "SELECT count(*) FROM (SELECT FROM order_file_line GROUP BY code"
        " HAVING min(code_given) <> max(code_given)) AS c",
    ),
    Oddity(
        "exact duplicates",
        "lines equal to an earlier one in every column: the same article rung up twice",
        "kept, each a line of its own",
        "SELECT coalesce(sum(times - 1), 0) FROM (SELECT count(*) AS times FROM order_file_line"
        " GROUP BY invoice, code_given, description, quantity, price, at, customer, country) AS l",
    ),
    Oddity(
        "stock codes that are not goods",
        "postage, fees, discounts, vouchers, samples, manual entries: every code other than five digits with"
        " letters, DCGS with digits, and PADS",
        "their lines are kept; they get no product",
        "SELECT count(DISTINCT code) FROM order_file_line WHERE NOT goods",
    ),
    Oddity(
        "lines with such codes",
        "lines of those codes",
        "kept, without a product",
        _LINES + "NOT goods",
    ),
    Oddity(
        "goods never sold at a price",
        "codes of goods that occur only in corrections or without a price",
        "their lines are kept; they get no product",
        "SELECT count(*) FROM (SELECT FROM order_file_line WHERE goods GROUP BY code"
        " HAVING NOT bool_or(kind = 'sale' AND quantity > 0 AND unit_minor > 0)) AS c",
    ),
    Oddity(
        "lines without customer",
        "lines whose CustomerID is empty",
        "kept; the order has no customer",
        _LINES + "customer = ''",
    ),
    Oddity(
        "empty descriptions",
        "lines whose description is empty",
        "named after their product, or else their code",
        _LINES + "description = ''",
    ),
    Oddity(
        "countries that are none",
        "lines of Unspecified, European Community and Channel Islands",
        "kept; the order has no country",
        _LINES + "country = ''",
    ),
    Oddity(
        "lines cancelled wholly after a purchase",
        "cancelled goods that the same customer had bought before, at the same time at the latest",
        "counted as returned on the newest such purchases first",
        "SELECT count(*) FROM order_file_cancelled WHERE matched = wanted",
    ),
    Oddity(
        "lines cancelled partly after a purchase",
        "cancelled goods of which the same customer had bought fewer before",
        "counted as returned as far as bought; the rest is only a historic credit note",
        "SELECT count(*) FROM order_file_cancelled WHERE matched > 0 AND matched < wanted",
    ),
    Oddity(
        "cancellations with no earlier purchase",
        "cancelled lines that nobody can be shown to have bought: bought before the file begins, no customer,"
        " or no goods",
        "kept as historic credit notes; they return nothing",
        "SELECT (SELECT count(*) FROM order_file_line WHERE kind = 'credit_note')"
        " - (SELECT count(*) FROM order_file_cancelled WHERE matched > 0)",
    ),
)

COUNTRIES = {
    "Australia": "AU",
    "Austria": "AT",
    "Bahrain": "BH",
    "Belgium": "BE",
    "Brazil": "BR",
    "Canada": "CA",
    "Channel Islands": "",
    "Cyprus": "CY",
    "Czech Republic": "CZ",
    "Denmark": "DK",
    "EIRE": "IE",
    "European Community": "",
    "Finland": "FI",
    "France": "FR",
    "Germany": "DE",
    "Greece": "GR",
    "Hong Kong": "HK",
    "Iceland": "IS",
    "Israel": "IL",
    "Italy": "IT",
    "Japan": "JP",
    "Lebanon": "LB",
    "Lithuania": "LT",
    "Malta": "MT",
    "Netherlands": "NL",
    "Norway": "NO",
    "Poland": "PL",
    "Portugal": "PT",
    "RSA": "ZA",
    "Saudi Arabia": "SA",
    "Singapore": "SG",
    "Spain": "ES",
    "Sweden": "SE",
    "Switzerland": "CH",
    "USA": "US",
    "United Arab Emirates": "AE",
    "United Kingdom": "GB",
    "Unspecified": "",
}

UCI_ONLINE_RETAIL = Profile(
    name="uci-online-retail",
    title="Online Retail (Chen, Sain & Guo 2012)",
    published="UCI Machine Learning Repository, https://doi.org/10.24432/C5BW33",
    licence="CC BY 4.0",
    header=(
        "InvoiceNo",
        "StockCode",
        "Description",
        "Quantity",
        "InvoiceDate",
        "UnitPrice",
        "CustomerID",
        "Country",
    ),
    columns=Columns(
        invoice="InvoiceNo",
        code="StockCode",
        description="Description",
        quantity="Quantity",
        time="InvoiceDate",
        price="UnitPrice",
        customer="CustomerID",
        country="Country",
    ),
    currency="GBP",
    zone="Europe/London",
    kinds={"": OrderKind.SALE, "C": OrderKind.CREDIT_NOTE, "A": OrderKind.ADJUSTMENT},
    countries=COUNTRIES,
    goods=r"[0-9]{5}[A-Z]*|DCGS[0-9]{4}[A-Z]?|DCGSSGIRL|DCGSSBOY|PADS",
    selling=Selling(
        tax_class="standard",
        tax_name="Standard rate",
        country="GB",
        percent=Decimal(20),
        shipping_code="standard",
        shipping_name="Standard delivery",
        shipping_price=Money(395, "GBP"),
        shipping_free_over=Money(5000, "GBP"),
    ),
    oddities=ODDITIES,
)
