"""The check's scenes in the vendor's products: owners come in; one is locked out, pays, and comes back."""

from .browser import Browser, Page
from .cast import PRODUCTS
from .scenes_customers import LUCIE, pay_by_electronic_check
from .stage import Stage, StepFailed, expect, link_to, wait_for

BLUEBIRD_NAME, LUCIE_NAME = "Bluebird Diners LLC", "Chez Lucie Inc."
CLOSED_FIRST = "erestaurant"
FORBIDDEN = 403


def owner_comes_in_to_each_product(stage: Stage) -> str:
    """The login to the portal opens the vendor's products, too, for the own company; nobody comes in without it."""
    seen = []
    for code in PRODUCTS:
        page = _comes_in(stage, stage.owner, name=BLUEBIRD_NAME, product=code)
        expect(stage.visitor.get(link_to(stage.visitor.get(page.url), "/login")), words="Forgot password?")
        seen.append(page.url)
    return ", ".join(seen)


def check_payer_comes_in_to_a_product(stage: Stage) -> str:
    """The second company's owner, who has paid, comes in to the same product, to their own company."""
    page = _comes_in(stage, stage.payer, name=LUCIE_NAME)
    return f"{page.url}: {page.text[:60]}"


def suspended_company_is_locked_out(stage: Stage) -> str:
    """The product ends the session by itself; the way in says why, and leads to paying. Nobody else is locked out."""
    product = _product(stage)
    wait_for("the end of the session at the product", lambda: LUCIE_NAME not in stage.payer.get(product).text or None)
    closed = expect(_way_in(stage, stage.payer), status=FORBIDDEN, words="n’est pas payée")
    if (portal := closed.link(lambda text: text == stage.portal(LUCIE))) is None:
        raise StepFailed(f"{closed.url} does not lead to paying: {closed.links}")
    expect(stage.payer.get(portal), words=LUCIE_NAME)
    _comes_in(stage, stage.owner, name=BLUEBIRD_NAME)
    return f"locked out, and led to {portal}"


def company_pays_and_comes_back_at_once(stage: Stage) -> str:
    """What it has open is paid on the processor's page; as soon as that is under way the product opens again."""
    payment = pay_by_electronic_check(stage)

    def look() -> Page | None:
        page = _way_in(stage, stage.payer)
        return page if page.status != FORBIDDEN else None

    page = expect(wait_for("the way back in", look), words=LUCIE_NAME)
    return f"{payment}: processing; {page.url} is open again"


def _product(stage: Stage, code: str = CLOSED_FIRST) -> str:
    return f"{stage.products_url}/{code}/"


def _comes_in(stage: Stage, person: Browser, *, name: str, product: str = CLOSED_FIRST) -> Page:
    page = expect(_way_in(stage, person, product=product), words=name)
    if page.url != _product(stage, product):
        raise StepFailed(f"{page.url} is not the product: {page.text[:300]}")
    return page


def _way_in(stage: Stage, person: Browser, *, product: str = CLOSED_FIRST) -> Page:
    """Go through the single sign-on, or find oneself in the product already."""
    page = person.get(_product(stage, product))
    way = page.link(lambda text: text.endswith("/login"))
    return person.get(way) if way else page
