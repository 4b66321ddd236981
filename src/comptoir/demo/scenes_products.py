"""The check's scenes in the vendor's products: an owner comes in, is locked out, and comes back."""

from comptoir.access.operations import set_standing
from comptoir.access.reasons import Reason
from comptoir.catalog.queries import products
from comptoir.kit.clocks import wall_now
from comptoir.tenancy.audit import system
from comptoir.tenancy.queries import company_by_number, vendor_by_slug

from .browser import Page
from .cast import NORTHWIND
from .scenes_customers import BLUEBIRD
from .stage import Stage, StepFailed, expect, link_to, wait_for

RULE = system("demo's check")
NAME = "Bluebird Diners LLC"


def owner_comes_in_to_a_product(stage: Stage) -> str:
    """The login to the portal opens the vendor's products, too, for the own company; nobody comes in without it."""
    product = f"{stage.products_url}/erestaurant/"
    page = _come_in(stage, product)
    if expect(page, words=NAME).url != product:
        raise StepFailed(f"{page.url} is not the product: {page.text[:300]}")
    expect(stage.visitor.get(link_to(stage.visitor.get(product), "/login")), words="Forgot password?")
    return f"{product}: {page.text[:60]}"


def suspended_company_is_locked_out_and_comes_back(stage: Stage) -> str:
    """The product ends the session by itself, the way in says why and leads to paying; in good standing it opens."""
    product = f"{stage.products_url}/erestaurant/"
    overdue = {"amount_minor": 27_450, "currency": "USD", "due_on": "2020-10-01", "invoices": 1}
    _stand("suspended", reason=Reason.OVERDUE, facts=overdue)
    wait_for("the end of the session at the product", lambda: NAME not in stage.owner.get(product).text or None)
    closed = expect(_come_in(stage, product), status=403, words="is not paid")
    portal = next(address for address, _words in closed.links if address.startswith(stage.portal(BLUEBIRD)))
    expect(stage.owner.get(portal), words=NAME)
    _stand("good", reason=Reason.PAID, facts={})
    expect(_come_in(stage, product), words=NAME)
    return f"locked out at once, led to {portal}, and back in"


def _come_in(stage: Stage, product: str) -> Page:
    return stage.owner.get(link_to(stage.owner.get(product), "/login"))


def _stand(state: str, *, reason: Reason, facts: dict[str, object]) -> None:
    """Let the rule decide."""
    vendor_id = vendor_by_slug(NORTHWIND.slug).id
    suspect = company_by_number(vendor_id=vendor_id, number=BLUEBIRD)
    if suspect is None:
        raise StepFailed(f"there is no company {BLUEBIRD}")
    set_standing(
        company_id=suspect.id,
        product_id=next(row.id for row in products(vendor_id) if row.code == "erestaurant"),
        state=state,
        reason=reason,
        facts=facts,
        until=None,
        at=wall_now(),
        by=RULE,
    )
