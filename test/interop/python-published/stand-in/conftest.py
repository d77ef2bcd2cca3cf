"""pytest has no yield_fixture any more."""

import pytest

if not hasattr(pytest, "yield_fixture"):
    pytest.yield_fixture = pytest.fixture


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes long")


def pytest_collection_modifyitems(items):
    """A base class, which is named as if it were a test."""
    items[:] = [item for item in items if "TestClient" not in item.nodeid]
