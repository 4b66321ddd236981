"""What is printed: every word and figure of a document, in its language, ready for the layouts to place."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import quoteattr

import qrcode
from django.utils.translation import gettext as _
from PIL import Image

