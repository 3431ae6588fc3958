"""One of several processes that hold a student in shards (FSDP2): its loss and gradients against those of the whole."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
import torch.distributed
from deskgym.agents.checkpoint import load_model, load_processor
from deskgym.agents.prompt import Style
from deskgym.training.batches import Collator
from deskgym.training.examples import encode
from deskgym.training.span_trainer import spoken_loss
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

place, kinds = Path(sys.argv[1]), sys.argv[2].split(",")
torch.distributed.init_process_group("gloo")
rank, count = torch.distributed.get_rank(), torch.distributed.get_world_size()
processor, style = load_processor(place / "tiny"), Style.read(place / "tiny")
taught, _, pixels = encode(place / "data", processor, style, "bc", place / f"shards{rank}", 999)
batch = Collator(processor, pixels)([taught[4 * rank + number] for number in range(4)])

whole, parts = load_model(place / "tiny"), load_model(place / "tiny")
mesh = init_device_mesh("cpu", (count,))
for layer in [each for each in parts.modules() if type(each).__name__ in kinds] + [parts]:
    fully_shard(layer, mesh=mesh)
mine = sum(values.to_local().numel() for values in parts.parameters())
assert mine < 0.6 * whole.num_parameters(), "nothing is in shards"

losses = [spoken_loss(model, batch)[0] for model in (whole, parts)]
assert losses[0].item() > 1
torch.testing.assert_close(losses[1], losses[0])
for loss in losses:
    loss.backward()
for (name, one), other in zip(whole.named_parameters(), parts.parameters(), strict=True):
    torch.distributed.all_reduce(one.grad)
    torch.testing.assert_close(other.grad.full_tensor(), one.grad / count, msg=lambda why, name=name: f"{name}: {why}")
# One of them speaks for all, since lines of two can run into one another; that the other failed, its launcher tells.
if rank == 0:
    print(f"equal in {count} processes", flush=True)
os._exit(0)  # at an orderly end gloo's threads abort now and then: "terminate called without an active exception"
