"""A profile with a mistake says which key is wrong."""

from pathlib import Path

import pytest

from comptoir.cutover.legacy.profile import load_profile, parse_profile
from comptoir.cutover.legacy.shipped import shipped_profile
from comptoir.kit.toml_section import ProfileInvalid

from .samples import profile


def test_a_profile_says_what_the_vendor_sells() -> None:
    acme = profile()
    assert (acme.vendor.slug, acme.vendor.currency) == ("acme", "USD")
    assert [(plan.product_code, plan.code, plan.cadences) for plan in acme.plans] == [
        ("till", "till-basic", ("monthly", "annual"))
    ]


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        ('currency = "USD"', 'currency = "XQX"', "vendor.currency"),
        ('time_zone = "America/Chicago"', 'time_zone = "Chicago"', "vendor.time_zone"),
        ('language = "en"', 'language = "de"', "vendor.language"),
        ('slug = "acme"', "slug = 7", "vendor.slug"),
        ('slug = "acme"\n', "", "vendor.slug"),
        ('slug = "acme"\n', 'slug = "acme"\ncolour = "red"\n', "vendor.colour"),
        ('cadences = ["monthly", "annual"]', 'cadences = ["weekly"]', r"products\[1\].plans\[1\].cadences"),
        ('"Mthly" = "monthly"', '"Mthly" = "fortnightly"', "words.cadence.Mthly"),
        ('"One year" = 12', '"One year" = "long"', "words.minimum_term.One year"),
        ("[words.cadence]", "[words.colour]", "words.colour"),
        ('thousands = ","', 'thousands = "."', "customers.thousands"),
        ('thousands = ","', 'delimiter = ",,"', "customers.delimiter"),
        ('thousands = ","', 'encoding = "klingon"', "customers.encoding"),
        ('thousands = ","', 'encoding = "base64"', "customers.encoding"),
        ('thousands = ","', 'encoding = "undefined"', "customers.encoding"),
        ('thousands = ","', 'encoding = "unicode_escape"', "customers.encoding"),
        ('thousands = ","', 'dates = "%d.%m"', "customers.dates"),
        ('thousands = ","', 'dates = "%m/%d/%Y%Y"', "customers.dates"),
        ('thousands = ","', 'rows = "store"', "customers.rows"),
        ('ignored = ["Rep"]', 'ignored = ["Rate"]', "customers.ignored"),
        ('ignored = ["Rep"]', 'ignored = "Rep"', "customers.ignored"),
        ('control_column = "Rate"', 'control_column = "Sum"', "customers.control_column"),
        ('warn_when_blank = ["Balance"]', 'warn_when_blank = ["Sum"]', "customers.warn_when_blank"),
        ('customer_number = "No"\n', "", "customers.columns.customer_number"),
        ('price = "Rate"\n', 'balance_due = "Rate"\n', "customers.columns.balance_due"),
        ('billed_through = "Thru"\n', "", "customers.columns: Give billed_through"),
        ("billing-{customer_number}", "billing-{phone}", "customers.defaults.billing_email"),
        ("billing-{customer_number}", "billing-{customer_number!r}", "customers.defaults.billing_email"),
        ("billing-{customer_number}", "billing-{customer_number", "customers.defaults.billing_email"),
        ('country = "US"', "country = true", "customers.defaults.country"),
        ('product = "till"\n', "", "customers.columns: Give product or plan"),
        ("[customers.defaults]", "[customers.default]", "customers.columns: Give country"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(before: str, after: str, key: str) -> None:
    with pytest.raises(ProfileInvalid, match=rf"acme\.toml: {key}"):
        profile(before=before, after=after)


@pytest.mark.parametrize(
    "hostile", ["a = " + "[" * 5_000, "a = " + "9" * 5_000, r'a = "\u0000"'], ids=["deep", "long", "NUL"]
)
def test_what_a_worker_would_choke_on_is_refused_at_once(hostile: str) -> None:
    with pytest.raises(ProfileInvalid, match=r"acme\.toml (is not valid TOML|has a NUL character)"):
        parse_profile(text=hostile, source="acme.toml")


def test_two_plans_of_one_code_are_told_apart_by_nobody() -> None:
    plan = '[[products.plans]]\ncode = "till-basic"\nname = "Till Basic"\ncadences = ["monthly", "annual"]\n'
    with pytest.raises(ProfileInvalid, match=r"plans\[2\]\.code: Another plan"):
        profile(before=plan, after=plan + plan)


def test_what_is_no_toml_and_what_is_no_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid, match=r"acme\.toml is not valid TOML.*line 1"):
        parse_profile(text="[vendor\n", source="acme.toml")
    with pytest.raises(ProfileInvalid, match=r"There is no profile .*none\.toml"):
        load_profile(tmp_path / "none.toml")
    (tmp_path / "old.toml").write_bytes(b"# caf\xe9")
    with pytest.raises(ProfileInvalid, match="cannot be read"):
        load_profile(tmp_path / "old.toml")


@pytest.mark.parametrize("name", ["demo", "telco", "harbor"])
def test_the_shipped_profiles_load(name: str) -> None:
    assert load_profile(shipped_profile(name)).customers.columns["customer_number"]
