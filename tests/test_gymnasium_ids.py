"""Environments by their Gymnasium ids: alone, side by side in one process, and in processes of their own."""

from __future__ import annotations

import deskgym
import gymnasium as gym
import numpy as np
import pytest
from deskgym.errors import SpecError

TWO_TASKS = {
    "tasks.reverse": {
        "open": ["note.txt"],
        "goal": ["Write {word} backwards."],
        "params": {"word": ["ink", "paper"]},
        "max_steps": 4,
        "horizon": "short",
    },
    "version": 3,
}


@pytest.fixture
def registered(write_memo, request):
    """A registered spec under a name of its own, since the registry outlives a test."""
    name = f"memo_{abs(hash(request.node.name)) % 10**8}"
    folder = write_memo(name=name, changes=TWO_TASKS)
    (folder / "tasks" / "reverse.py").write_text((folder / "tasks" / "append.py").read_text())
    deskgym.register(folder)
    yield name
    for env_id in [env_id for env_id in gym.registry if env_id.startswith(f"deskgym/{name}")]:
        del gym.registry[env_id]


def test_a_task_by_its_id(registered):
    env = gym.make(f"deskgym/{registered}.append-v3", desktop="toy")
    observation, info = env.reset(seed=4)
    assert info["task"] == f"{registered}.append"
    assert observation in env.observation_space
    for decision in env.unwrapped.solution():
        _, reward, terminated, _, _ = env.step(decision.action)
    assert (reward, terminated) == (1.0, True)
    env.close()


def test_a_software_by_its_id_draws_the_task_by_seed(registered):
    env = gym.make(f"deskgym/{registered}-v3", desktop="toy")
    drawn = [env.reset(seed=seed)[1]["task"] for seed in range(6)]
    assert set(drawn) == {f"{registered}.append", f"{registered}.reverse"}
    assert drawn == [env.reset(seed=seed)[1]["task"] for seed in range(6)]
    env.reset(seed=drawn.index(f"{registered}.reverse"))
    assert env.unwrapped.max_steps == 4
    env.close()


def test_unknown_ids_and_versions(registered):
    with pytest.raises(gym.error.NameNotFound):
        gym.make(f"deskgym/{registered}.apend-v3")
    with pytest.raises(gym.error.VersionNotFound):
        gym.make(f"deskgym/{registered}.append-v9")
    with pytest.raises(SpecError, match=r"no software\.yaml"):
        deskgym.register("/nowhere")


def test_the_shipped_specs_are_registered():
    assert "deskgym/mousepad-v0" in gym.registry
    assert "deskgym/mousepad.replace_name-v0" in gym.registry


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_vectors_of_environments(registered, mode):
    envs = gym.make_vec(f"deskgym/{registered}.append-v3", num_envs=2, vectorization_mode=mode, desktop="toy")
    observation, info = envs.reset(seed=[1, 2])
    assert observation["screen"].shape == (2, 240, 320, 3)
    assert list(info["seed"]) == [1, 2]
    words = [deskgym.Type("x"), deskgym.Wait(0)]
    after, *_ = envs.step(words)
    assert not np.array_equal(after["screen"][0], observation["screen"][0])
    assert np.array_equal(after["screen"][1], observation["screen"][1])
    _, rewards, terminated, _, info = envs.step([deskgym.Finish(), deskgym.Finish()])
    assert list(rewards) == [0.0, 0.0]
    assert terminated.all()
    assert not info["verdict"][0].passed
    envs.close()
