"""What is sealed is opened with its key, in its row, unchanged; or not at all."""

import pytest
from pytest_django import Settings

from comptoir.inbox.errors import NotToBeOpened
from comptoir.inbox.sealing import new_key, newest_mark, seal, unseal

WORDS = b"Le magasin est vendu."


def test_what_is_sealed_says_nothing_and_is_opened_again() -> None:
    sealed = seal(WORDS, of="message:1")
    assert WORDS not in sealed
    assert seal(WORDS, of="message:1") != sealed, "the same words look different each time"
    assert unseal(sealed, of="message:1") == WORDS


def test_it_cannot_be_moved_to_another_row_nor_changed() -> None:
    sealed = seal(WORDS, of="message:1")
    with pytest.raises(NotToBeOpened, match="damaged"):
        unseal(sealed, of="message:2")
    with pytest.raises(NotToBeOpened, match="damaged"):
        unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), of="message:1")


def test_an_older_key_opens_what_it_sealed_until_it_is_taken_out(settings: Settings) -> None:
    old, new = new_key(), new_key()
    settings.MESSAGE_KEYS = old
    sealed = seal(WORDS, of="message:1")
    settings.MESSAGE_KEYS = f"{new}, {old}"
    assert unseal(sealed, of="message:1") == WORDS
    assert not sealed.startswith(newest_mark())
    assert seal(WORDS, of="message:1").startswith(newest_mark())
    settings.MESSAGE_KEYS = new
    with pytest.raises(NotToBeOpened, match="COMPTOIR_MESSAGE_KEYS"):
        unseal(sealed, of="message:1")


@pytest.mark.parametrize("keys", ["", " , ", "dG9vIHNob3J0"])
def test_without_a_key_nothing_is_sealed(settings: Settings, keys: str) -> None:
    settings.MESSAGE_KEYS = keys
    with pytest.raises(NotToBeOpened, match="message-keys new"):
        seal(WORDS, of="message:1")
