"""How a vendor looks: told to whoever stands before its door, and set by its admins."""

from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

from django.db import connection
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from comptoir.look.brand import contrast_on_white, nearest_visible

from .audit import Actor, record
from .errors import BrandRefused
from .models import Vendor

LARGEST_LOGO_BYTES = 2 * 1024 * 1024
LARGEST_LOGO_PIXELS = 25_000_000
KEPT_SIZE = (800, 200)  # enough for a page at twice its pixels, and for paper
SEEN_FROM = 3.0  # WCAG 2.2, 1.4.11: what a control must stand out by


@dataclass(frozen=True, slots=True)
class PublicBrand:
    """What a login page shows of a vendor, and whom its mail is from: for anybody, and nothing else."""

    slug: str
    name: str
    colour: str
    has_logo: bool
    time_zone: str
    sender_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Brand:
    """What an admin sets. Without a ``sender_name``, mail comes from “… Billing” in each customer's language."""

    name: str
    colour: str
    sender_name: str
    email: str
    phone: str


def public_brand(slug: str) -> PublicBrand | None:
    """Return how a vendor looks, by its short name; works before any door is open."""
    return _public("tenancy_brand", slug)


def public_brand_of_company(public_id: UUID) -> PublicBrand | None:
    """Return how the vendor of a company looks, for whoever has that company's address; works before any door."""
    return _public("tenancy_brand_of_company", public_id)


def public_logo(slug: str) -> tuple[bytes, str] | None:
    """Return a vendor's logo and its media type, or None; works before any door is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tenancy_brand_logo(%s)", [slug])
        row = cursor.fetchone()
    return (bytes(row[0]), row[1]) if row and row[0] is not None else None


def set_brand(
    *, vendor_id: int, brand: Brand, actor: Actor, logo: bytes | None = None, without_logo: bool = False
) -> None:
    """Have a vendor look like this from now on: pages, mail and papers. Without a new ``logo`` the old one stays.

    Must run in a transaction. Raises BrandRefused.
    """
    refuse_faint(brand.colour)
    vendor = Vendor.objects.select_for_update().defer("logo").get(id=vendor_id)
    before = _told(vendor)
    for name in ("name", "colour", "sender_name", "email", "phone"):
        setattr(vendor, name, getattr(brand, name))
    changed = ["name", "colour", "sender_name", "email", "phone"]
    if logo or without_logo:
        vendor.logo = kept_logo(logo) if logo else None
        vendor.logo_media_type = "image/png" if logo else ""
        changed += ["logo", "logo_media_type"]
    vendor.save(update_fields=changed)
    record(
        actor=actor,
        action="brand set",
        subject=f"vendor:{vendor_id}",
        vendor_id=vendor_id,
        before=before,
        after=_told(vendor),
    )


def refuse_faint(colour: str) -> None:
    """Raise BrandRefused for a colour that cannot be told from a white page."""
    ratio = contrast_on_white(colour)
    if ratio < SEEN_FROM:
        raise BrandRefused(
            _(
                "On white, this colour has a contrast of %(ratio)s to 1; it takes %(wanted)s to 1 to be seen. The "
                "nearest that can be is %(nearest)s."
            )
            % {
                "ratio": number_format(ratio, decimal_pos=1),
                "wanted": f"{SEEN_FROM:.0f}",
                "nearest": nearest_visible(colour),
            },
            field="colour",
        )


def kept_logo(content: bytes) -> bytes:
    """Return a logo as it is kept: a PNG of bounded size, drawn anew, so that nothing but the picture is in it.

    Raises BrandRefused for what is no picture, or far too large.
    """
    refusal = BrandRefused(_("Choose a picture: PNG, JPEG or WebP, 2 MB at most."), field="logo")
    if len(content) > LARGEST_LOGO_BYTES:
        raise refusal
    try:
        with Image.open(BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as picture:
            if picture.width * picture.height > LARGEST_LOGO_PIXELS:
                raise refusal
            drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise refusal from error
    drawn.thumbnail(KEPT_SIZE)
    kept = BytesIO()
    drawn.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _public(function: str, argument: str | UUID) -> PublicBrand | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {function}(%s)", [argument])
        row = cursor.fetchone()
    return PublicBrand(*row) if row else None


def _told(vendor: Vendor) -> dict[str, object]:
    names = ("name", "colour", "sender_name", "email", "phone", "logo_media_type")
    return {name: getattr(vendor, name) for name in names}
