"""The three kinds of index, for tests that hold for each."""

import pytest

from tests.support.indexes import COLLECT, Collect


@pytest.fixture(params=COLLECT)
def collect(request: pytest.FixtureRequest) -> Collect:
    """Collect a folder, follow it, or build it and serve the build."""
    return COLLECT[request.param]
