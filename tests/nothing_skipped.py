"""A pytest plugin for continuous integration, where a skipped test has failed: `-p tests.nothing_skipped`.

One reason is let through and shown: recorded vitals and worked scores are not ours to copy into the project,
so a checkout without them beside it can only say so.
"""

import pytest

from tests import recorded, scored

NOT_OURS_TO_SHIP = (recorded.ABSENT, scored.ABSENT)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and not let_through(str(report.longrepr)):
        fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    report = yield
    if report.skipped:
        fail(report)
    return report


def let_through(reason):
    return any(words in reason for words in NOT_OURS_TO_SHIP)


def fail(report):
    """Turn a skip into a failure that gives the skip's reason."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.outcome = "failed"
    report.longrepr = f"{report.nodeid}: nothing may be skipped here, but: {reason}"
