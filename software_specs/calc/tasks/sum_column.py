from deskgym.verifiers.verdict import Verdict, Check
from ._shared import *
def setup(machine, params, rng):
    rows=[["Shop","January","February"]]+[[f"Shop {i}",rng.randint(100,900),rng.randint(100,900)/10] for i in range(9)]
    machine.write("x.ods", ods_file({"Sheet1":rows}))
    return {"rows":rows}
def verify(evidence):
    return Verdict.of(Check("x",False))
def solve(hands,params,truth):
    yield hands.click("cell", (200,300))
    yield hands.type("x", "=sum(b2:b9)\n")
    yield hands.press("x", "ctrl+s")
    yield hands.finish("x")
def near_misses(hands,params,truth):
    return {}
