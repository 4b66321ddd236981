"""The check's scenes in the vendor's products: owners come in and go; one is locked out, pays, and comes back."""

from functools import partial

from .browser import Browser, Page
from .cast import PRODUCTS
from .scenes_customers import BLUEBIRD, LUCIE, OWNER_LOGIN, log_in_again, pay_by_electronic_check
from .stage import Stage, StepFailed, expect, link_to, wait_for

BLUEBIRD_NAME, LUCIE_NAME = "Bluebird Diners LLC", "Chez Lucie Inc."
# By the usual policy a till stays open, with less in it.
CLOSED, LIMITED = ("erestaurant", "xformity"), "netpos"
ONLY_ESSENTIALS = "seul l’essentiel fonctionne ici"  # its owner reads French
FORBIDDEN = 403


def owner_comes_in_to_each_product(stage: Stage) -> str:
    """The login to the portal opens the vendor's products, too, for the own company; nobody comes in without it."""
    seen = []
    for code in PRODUCTS:
        page = _comes_in(stage, stage.owner, name=BLUEBIRD_NAME, product=code)
        expect(stage.visitor.get(link_to(stage.visitor.get(page.url), "/login")), words="Forgot password?")
        seen.append(page.url)
    return ", ".join(seen)


def owner_logs_out_of_one_product_and_so_of_all(stage: Stage) -> str:
    """Who logs out of a product is logged out of the others and of the portal; the password opens them again."""
    here = _product(stage, LIMITED)
    left = stage.owner.get(link_to(stage.owner.get(here), "/logout"))
    if left.url != here or BLUEBIRD_NAME in left.text:
        raise StepFailed(f"logging out led to {left.url}: {left.text[:300]}")
    for code in CLOSED:
        _wait_for_end(stage, stage.owner, name=BLUEBIRD_NAME, product=code)
    expect(stage.owner.get(stage.portal(BLUEBIRD)), words="Forgot password?")
    asked = stage.owner.get(link_to(left, "/login"))
    expect(log_in_again(asked, stage.owner, email=OWNER_LOGIN), words=BLUEBIRD_NAME)
    return f"out at {here}, at the others and in the portal; in again with the password"


def check_payer_comes_in_to_products(stage: Stage) -> str:
    """The second company's owner, who has paid, comes in to the same products, to their own company."""
    return ", ".join(_comes_in(stage, stage.payer, name=LUCIE_NAME, product=code).url for code in CLOSED)


def suspended_company_is_locked_out(stage: Stage) -> str:
    """The products end the session; the way in says why, and leads to paying. Nobody else is locked out."""
    for code in CLOSED:
        _wait_for_end(stage, stage.payer, name=LUCIE_NAME, product=code)
        closed = expect(_way_in(stage, stage.payer, product=code), status=FORBIDDEN, words="n’est pas payée")
        if (portal := closed.link(lambda text: text == stage.portal(LUCIE))) is None:
            raise StepFailed(f"{closed.url} does not lead to paying: {closed.links}")
        expect(stage.payer.get(portal), words=LUCIE_NAME)
        _comes_in(stage, stage.owner, name=BLUEBIRD_NAME, product=code)
    return f"locked out of {', '.join(CLOSED)}, and led to {portal}"


def suspended_company_keeps_its_till(stage: Stage) -> str:
    """A till stays open: the same owner is let in, and told that only the essentials work."""
    page = expect(_comes_in(stage, stage.payer, name=LUCIE_NAME, product=LIMITED), words=ONLY_ESSENTIALS)
    return f"{page.url} is open, with less in it"


def company_pays_and_comes_back_at_once(stage: Stage) -> str:
    """What it has open is paid on the processor's page; as soon as that is under way the products open again."""
    payment = pay_by_electronic_check(stage)
    for code in CLOSED:
        wait_for(f"the way back in to {code}", partial(_let_in, stage, product=code))
    wait_for("the whole till", lambda: _whole_till(stage))
    return f"{payment}: processing; {', '.join(PRODUCTS)} are open again"


def _let_in(stage: Stage, *, product: str) -> Page | None:
    page = _way_in(stage, stage.payer, product=product)
    return expect(page, words=LUCIE_NAME) if page.status != FORBIDDEN else None


def _whole_till(stage: Stage) -> Page | None:
    till = stage.payer.get(_product(stage, LIMITED))
    page = expect(stage.payer.get(link_to(till, "/again")), words=LUCIE_NAME)
    return page if ONLY_ESSENTIALS not in page.text else None


def _product(stage: Stage, code: str) -> str:
    return f"{stage.products_url}/{code}/"


def _comes_in(stage: Stage, person: Browser, *, name: str, product: str) -> Page:
    page = expect(_way_in(stage, person, product=product), words=name)
    if page.url != _product(stage, product):
        raise StepFailed(f"{page.url} is not the product: {page.text[:300]}")
    return page


def _way_in(stage: Stage, person: Browser, *, product: str) -> Page:
    """Go through the single sign-on, or find oneself in the product already."""
    page = person.get(_product(stage, product))
    way = page.link(lambda text: text.endswith("/login"))
    return person.get(way) if way else page


def _wait_for_end(stage: Stage, person: Browser, *, name: str, product: str) -> None:
    there = _product(stage, product)
    wait_for(f"the end of the session at {there}", lambda: name not in person.get(there).text or None)
