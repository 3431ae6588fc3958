"""A verdict is the weighted share of its checks, and refuses to be made of nothing."""

import json
import math

import pytest
from deskgym.errors import VerifierError
from deskgym.verifiers.verdict import Check, Verdict


def test_score_is_the_weighted_share_and_one_failure_means_not_passed():
    verdict = Verdict.of(Check("a", True, weight=3), Check("b", False))
    assert verdict.score == 0.75
    assert not verdict.passed
    assert [check.name for check in verdict.failed()] == ["b"]


def test_a_failed_check_without_weight_still_fails_the_verdict():
    verdict = Verdict.of(Check("a", True), Check("b", False, weight=0))
    assert verdict.score == 1.0
    assert not verdict.passed


@pytest.mark.parametrize("checks", [(), (Check("a", True, weight=0),)])
def test_a_verdict_that_checks_nothing_is_the_verifiers_fault(checks):
    with pytest.raises(VerifierError):
        Verdict(checks)


@pytest.mark.parametrize("passed", ["no", None, 0.5, ["x"]])
def test_a_check_whose_outcome_is_no_truth_value_is_refused(passed):
    with pytest.raises(VerifierError, match="passed must be"):
        Check("a", passed)


@pytest.mark.parametrize("weight", [-1, math.nan, math.inf])
def test_a_weight_that_would_distort_the_score_is_refused(weight):
    with pytest.raises(VerifierError, match="weight"):
        Check("a", True, weight=weight)


def test_numpy_truth_becomes_a_bool():
    import numpy as np

    check = Check("a", np.float64(1) > 0)
    assert check.passed is True


def test_json_round_trip_keeps_the_judgement():
    verdict = Verdict.of(Check("a", True, b"\xff", {1, 2}), Check("b", False, 1, 2, weight=0.5))
    again = Verdict.from_json(json.loads(json.dumps(verdict.as_json())))
    assert (again.score, again.passed) == (verdict.score, verdict.passed)
    assert again.failed() == verdict.failed()
