"""What the doctor says of this machine's clock."""

from __future__ import annotations

import pytest
from deskgym.envs.clock import why_no_clock
from deskgym.envs.doctor import Finding, examine


def clock_finding() -> Finding:
    return next(finding for finding in examine() if finding.name == "clock")


def test_the_doctor_says_which_clock_desktops_get(monkeypatch):
    monkeypatch.delenv("DESKGYM_CLOCK", raising=False)
    finding = clock_finding()
    assert not finding.needed
    assert finding.well is not bool(why_no_clock())
    assert finding.detail.startswith("jump: ") if finding.well else finding.detail.endswith(why_no_clock())


@pytest.mark.skipif(bool(why_no_clock()), reason="this machine has no clock to switch off")
def test_the_doctor_says_who_switched_the_clock_off(monkeypatch):
    monkeypatch.setenv("DESKGYM_CLOCK", "off")
    assert clock_finding().well
    assert clock_finding().detail.endswith("DESKGYM_CLOCK=off")


def test_the_doctor_names_a_wrong_setting(monkeypatch):
    monkeypatch.setenv("DESKGYM_CLOCK", "fast")
    assert clock_finding() == Finding("clock", False, "DESKGYM_CLOCK is 'fast'; it may be jump or off", False)
