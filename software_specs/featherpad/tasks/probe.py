from deskgym.verifiers.verdict import Verdict, Check


def setup(machine, params, rng):
    machine.write("a.txt", "heading one\n\nbeta\nalpha\ngamma CANCELLED\nbeta\n")
    machine.write("b.txt", "second file\nUnicode: é – 中\n")
    return {"a": 1}


def verify(e):
    return Verdict.of(Check("x", True))


def solve(h, p, t):
    yield h.finish("x")


near_misses = lambda h, p, t: {}
