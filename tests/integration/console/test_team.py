"""Someone is invited to the billing team, comes in by two steps, and leaves it again."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from comptoir.identity.models import StaffInvitation, StaffMember, User
from comptoir.identity.operations import invite_staff
from comptoir.kit.clocks import wall_now
from comptoir.kit.events import deliver_next
from comptoir.mailer.models import Message
from comptoir.tenancy.models import AuditEntry, Vendor
from tests.factories import TESTS, make_user
from tests.web import WebClient

Staff = Callable[[str], User]
PASSWORD = "a long and quiet word"


def invite(web: WebClient, *, email: str, role: str) -> str:
    """Invite through the page; return the link that the mail brings."""
    web.post("/console/northwind/team/", {"email": email, "role": role})
    while deliver_next(now=wall_now()):
        pass
    link = re.search(r"http\S+/join/\w+/", Message.objects.get(to=email).text)
    assert link
    return link.group().removeprefix("http://localhost:8000")


def test_from_invitation_to_the_second_step(web: WebClient, vendor: Vendor, staff: Staff) -> None:
    web.force_login(staff("admin"))
    link = invite(web, email="clara@northwind.example", role="clerk")
    assert "clara@northwind.example" in web.get("/console/northwind/team/").content.decode()
    web.logout()

    assert "Join the billing team of Northwind" in web.get(link).content.decode()
    short = web.post(link, {"name": "Clara", "password": "short", "again": "short"})
    assert "too short" in short.content.decode()
    accepted = web.post(link, {"name": "Clara", "password": PASSWORD, "again": PASSWORD})
    assert accepted["Location"].startswith(reverse("account_login"))
    assert web.get(link).status_code == 409, "an invitation is accepted once"

    home = web.post(accepted["Location"], {"login": "clara@northwind.example", "password": PASSWORD}, follow=True)
    assert home.redirect_chain[-1][0] == reverse("mfa_activate_totp")
    assert StaffMember.objects.get(user__email="clara@northwind.example").role == "clerk"
    assert AuditEntry.objects.filter(action="invitation accepted", vendor=vendor).exists()


def test_an_existing_password_survives_an_invitation(web: WebClient, vendor: Vendor) -> None:
    person = make_user(email="owner@bluebird.example", password=PASSWORD)
    with transaction.atomic():
        invitation = invite_staff(
            vendor_id=vendor.id, email="Owner@Bluebird.example", role="auditor", actor=TESTS, now=wall_now()
        )
    link = f"/join/{invitation.token}/"
    assert "stays as it is" in web.get(link).content.decode()
    web.post(link, {"name": "Mallory", "password": "another long password", "again": "another long password"})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert person.name == ""
    assert StaffMember.objects.get(user=person).role == "auditor"


def test_only_the_latest_invitation_counts(web: WebClient, vendor: Vendor) -> None:
    def invited(role: str) -> str:
        with transaction.atomic():
            made = invite_staff(vendor_id=vendor.id, email="c@example.com", role=role, actor=TESTS, now=wall_now())
        return f"/join/{made.token}/"

    joining = {"name": "Clara", "password": PASSWORD, "again": PASSWORD}
    by_mistake, meant = invited("admin"), invited("clerk")
    assert web.post(by_mistake, joining).status_code == 409
    assert web.post(meant, joining).status_code == 302
    assert StaffMember.objects.get(user__email="c@example.com").role == "clerk"


def test_of_two_open_invitations_one_is_accepted_and_neither_leads_back(web: WebClient, vendor: Vendor) -> None:
    with transaction.atomic():
        links = [
            f"/join/{invite_staff(vendor_id=vendor.id, email='c@example.com', role=role, actor=TESTS, now=at).token}/"
            for role, at in (("admin", wall_now()), ("clerk", wall_now()))
        ]
    StaffInvitation.objects.update(expires_at=wall_now() + timedelta(days=1))  # two that were written at once
    joining = {"name": "Clara", "password": PASSWORD, "again": PASSWORD}
    assert web.post(links[1], joining).status_code == 302
    StaffMember.objects.update(ended_at=wall_now())
    assert [web.post(link, joining).status_code for link in links] == [409, 409]


def test_a_guessed_or_expired_link_opens_nothing(web: WebClient, vendor: Vendor) -> None:
    with transaction.atomic():
        late = invite_staff(
            vendor_id=vendor.id,
            email="late@northwind.example",
            role="admin",
            actor=TESTS,
            now=wall_now() - timedelta(days=8),
        )
    for token in (late.token, StaffInvitation.objects.get().token_hash, "guess"):
        assert web.get(f"/join/{token}/").status_code == 409
        assert web.post(f"/join/{token}/", {"name": "M", "password": PASSWORD, "again": PASSWORD}).status_code == 409
    assert not User.objects.exists()


def test_a_role_that_has_ended_shuts_the_door_at_once_and_an_admin_stays(
    web: WebClient, vendor: Vendor, staff: Staff
) -> None:
    admin, clerk = staff("admin"), staff("clerk")
    web.force_login(clerk)
    assert web.get("/console/northwind/").status_code == 200
    web.force_login(admin)
    web.post(f"/console/northwind/team/{StaffMember.objects.get(user=clerk).id}/end/")
    last = web.post(f"/console/northwind/team/{StaffMember.objects.get(user=admin).id}/end/")
    assert last.status_code == 409
    assert StaffMember.objects.get(user=admin).ended_at is None
    web.force_login(clerk)
    assert web.get("/console/northwind/").status_code == 404


def test_without_a_second_step_the_console_stays_shut(web: WebClient, vendor: Vendor) -> None:
    person = make_user()
    StaffMember.objects.create(vendor=vendor, user=person, role="admin")
    web.force_login(person)
    assert web.get("/console/northwind/companies/")["Location"] == reverse("mfa_activate_totp")
