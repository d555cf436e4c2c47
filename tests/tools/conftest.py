"""The known names and the committed files, as the tests of feeds have them."""

from tests.feeds.conftest import committed, known

__all__ = ["committed", "known"]
