"""Proofs on real applications: sampled, another part at each commit (`make check` proves everything)."""

import os
import random

import pytest
from deskgym.benchmark.audit import prove
from deskgym.software_specs.catalog import find_software, folders, tasks_named

SAMPLE = random.Random(os.environ.get("DESKGYM_PROOF_SAMPLE", "0"))
BUILT_IN = sorted(folders())
ON_LOCAL = [SAMPLE.choice(sorted(find_software(name).tasks)) for name in BUILT_IN]
ON_DOCKER = SAMPLE.sample([task.id for _, task in tasks_named()], 2)
SEED = SAMPLE.randrange(1000)


def _proven(task_id: str, desktop: str) -> None:
    [(software, task)] = tasks_named(task_id)
    proof = prove(software, task, seeds=[SEED], desktop=desktop)
    assert proof.proven, {name: each.detail for name, each in proof.proofs.items() if not each.passed}


@pytest.mark.desktop
@pytest.mark.parametrize("task_id", [f"{name}.{task}" for name, task in zip(BUILT_IN, ON_LOCAL, strict=True)])
def test_a_task_of_each_software_is_proven_locally(task_id):
    _proven(task_id, "local")


@pytest.mark.docker
@pytest.mark.parametrize("task_id", ON_DOCKER)
def test_tasks_are_proven_in_docker(task_id):
    _proven(task_id, "docker")
