"""The known names and how a file is received, as the tests of feeds have them."""

from tests.feeds.conftest import known, receive

__all__ = ["known", "receive"]
