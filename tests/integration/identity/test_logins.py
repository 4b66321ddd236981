"""Which address opens the door, and what the web's login can do about invitations around the pages."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from comptoir.identity.errors import AlreadyOnTeam, InvitationNotOpen, LastAdmin, NotOnTeam, UnknownRole
from comptoir.identity.models import StaffInvitation, StaffMember, User
from comptoir.identity.operations import accept_invitation, end_staff, invite_staff, provision_login
from comptoir.identity.queries import logins_for_address, open_invitation, staff_roles, team
from comptoir.kit.clocks import wall_now
from comptoir.kit.models import Event
from comptoir.tenancy import doors
from tests.databases import Database
from tests.factories import TESTS, make_company, make_member, make_staff, make_user, make_vendor

PASSWORD = "a long and quiet word"


@pytest.mark.django_db
class TestLogins:
    """Provisioning and finding logins."""

    def test_a_login_is_made_once_and_without_a_password(self) -> None:
        first = provision_login(email="Books@Arches.example ", name="Ann", language="fr", also=["OWNER@arches.example"])
        again = provision_login(email="books@arches.example", name="Other", language="es", also=["cfo@arches.example"])
        assert first == again
        person = User.objects.get()
        assert (person.email, person.name, person.language) == ("books@arches.example", "Ann", "fr")
        assert not person.has_usable_password()
        assert {row.address for row in person.addresses.all()} == {"owner@arches.example", "cfo@arches.example"}

    def test_each_address_finds_the_login_and_the_own_one_comes_first(self) -> None:
        provision_login(email="a@x.example", name="", language="en", also=["shared@x.example"])
        provision_login(email="shared@x.example", name="", language="en")
        provision_login(email="b@x.example", name="", language="en", also=["shared@x.example"])
        assert [row.email for row in logins_for_address(" Shared@X.example")] == [
            "shared@x.example",
            "a@x.example",
            "b@x.example",
        ]
        assert logins_for_address("nobody@x.example") == []

    def test_a_login_that_was_shut_is_found_by_no_address(self) -> None:
        provision_login(email="a@x.example", name="", language="en", also=["b@x.example"])
        User.objects.update(is_active=False)
        assert logins_for_address("a@x.example") == logins_for_address("b@x.example") == []


@pytest.mark.django_db
class TestTeam:
    """Inviting, and ending roles."""

    def test_nobody_is_invited_twice_over_or_as_nothing_known(self) -> None:
        vendor = make_vendor()
        member = make_staff(vendor=vendor)
        with pytest.raises(AlreadyOnTeam):
            invite_staff(vendor_id=vendor.id, email=member.email.upper(), role="clerk", actor=TESTS, now=wall_now())
        with pytest.raises(UnknownRole):
            invite_staff(vendor_id=vendor.id, email="x@x.example", role="king", actor=TESTS, now=wall_now())

    def test_the_link_is_nowhere_in_the_database(self) -> None:
        invitation = invite_staff(
            vendor_id=make_vendor().id, email="x@x.example", role="clerk", actor=TESTS, now=wall_now()
        )
        assert invitation.token not in str(list(Event.objects.values())) + str(list(StaffInvitation.objects.values()))

    def test_the_last_admin_stays_and_a_strangers_role_is_not_ours_to_end(self) -> None:
        vendor, other = make_vendor(), make_vendor()
        admin = make_staff(vendor=vendor, role="admin").staff_of.get()
        foreign = make_staff(vendor=other).staff_of.get()
        with pytest.raises(LastAdmin):
            end_staff(vendor_id=vendor.id, staff_id=admin.id, actor=TESTS, now=wall_now())
        with pytest.raises(NotOnTeam):
            end_staff(vendor_id=vendor.id, staff_id=foreign.id, actor=TESTS, now=wall_now())
        make_staff(vendor=vendor, role="admin")
        end_staff(vendor_id=vendor.id, staff_id=admin.id, actor=TESTS, now=wall_now())
        assert admin.user.email not in [row.email for row in team(vendor.id)]


def test_an_invitation_is_accepted_by_the_webs_login_with_no_door_open(fresh_database: Database) -> None:
    vendor = make_vendor()
    with transaction.atomic():
        invitation = invite_staff(vendor_id=vendor.id, email="x@x.example", role="auditor", actor=TESTS, now=wall_now())
    with fresh_database.as_web():
        assert open_invitation(invitation.token).role == "auditor"
        user_id = accept_invitation(token=invitation.token, name="X", language="es", password=PASSWORD)
        with pytest.raises(InvitationNotOpen):
            accept_invitation(token=invitation.token, name="Y", language="en", password="another long word")
        with doors.staff(user_id=user_id):
            assert [(row.vendor_id, row.role) for row in staff_roles(user_id)] == [(vendor.id, "auditor")]
    person = User.objects.get(id=user_id)
    assert (person.name, person.language, person.check_password(PASSWORD)) == ("X", "es", True)


def test_an_expired_invitation_opens_nothing(fresh_database: Database) -> None:
    vendor = make_vendor()
    with transaction.atomic():
        late = invite_staff(
            vendor_id=vendor.id, email="x@x.example", role="admin", actor=TESTS, now=wall_now() - timedelta(days=7)
        )
    with fresh_database.as_web(), pytest.raises(InvitationNotOpen):
        accept_invitation(token=late.token, name="X", language="en", password=PASSWORD)
    assert not StaffMember.objects.exists()


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT * FROM identity_staffinvitation",
        "SELECT * FROM identity_staffmember",
        "INSERT INTO identity_staffmember (vendor_id, user_id, role) VALUES ({vendor}, {user}, 'admin')",
        "UPDATE identity_staffinvitation SET role = 'admin'",
        "INSERT INTO identity_user (email, password) VALUES ('m@x.example', 'x')",
    ],
)
def test_the_webs_login_reaches_no_team_without_a_door(fresh_database: Database, attack: str) -> None:
    vendor, person = make_vendor(), make_user()
    with (
        fresh_database.as_web(),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack.format(vendor=vendor.id, user=person.id))


def test_a_customers_page_can_neither_accept_an_invitation_nor_join_a_team(fresh_database: Database) -> None:
    company = make_company(vendor=make_vendor())
    person = make_member(company=company)
    for attack in (
        "SELECT * FROM identity_accept_invitation('', '', '', '', '')",
        "SELECT * FROM identity_open_invitation('')",
        "INSERT INTO identity_staffmember (vendor_id, user_id, role) VALUES (1, 1, 'admin')",
    ):
        with (
            fresh_database.as_web(),
            pytest.raises(DatabaseError, match="permission denied"),
            doors.portal(user_id=person.id, company_id=company.id),
            connection.cursor() as cursor,
        ):
            cursor.execute(attack)
