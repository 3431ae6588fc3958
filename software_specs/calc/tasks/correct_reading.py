"""Correct one reading, found by its sensor and its day, among sensors that look alike."""

from deskgym.verifiers.checks import equal
from deskgym.verifiers.verdict import Verdict

from ._shared import contents, enter, go_to, ods_file, rest_unchanged, save, saved_book, then_save

FILE, SHEET = "readings.ods", "Readings"
SENSORS = ["T-161", "T-116", "T-611", "T-661", "T-166", "T-616", "T-111", "T-666"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def setup(machine, params, rng):
    """Write a week of temperatures, the sensors in no order; none is as high as the value of the goal."""
    sensors = rng.sample(SENSORS, len(SENSORS))
    rows = [["Sensor", *DAYS], *([sensor, *(rng.randint(-40, 240) / 10 for _ in DAYS)] for sensor in sensors)]
    machine.write(FILE, ods_file({SHEET: rows}))
    return {"before": contents(SHEET, rows), "rows": {sensor: row for row, sensor in enumerate(sensors, 2)}}


def _cell(truth, sensor, day):
    return f"{'BCDEFGH'[DAYS.index(day)]}{truth['rows'][sensor]}"


def verify(evidence):
    """That one reading is right, and nothing else has changed."""
    cell = _cell(evidence.truth, evidence.params["sensor"], evidence.params["day"])
    book, by_calc = saved_book(evidence, FILE)
    return Verdict.of(
        by_calc,
        equal("the reading is corrected", evidence.params["value"], book.sheets[SHEET][cell].value, weight=2),
        rest_unchanged(evidence.truth["before"], book, but=[f"{SHEET}!{cell}"]),
    )


def solve(hands, params, truth):
    """Go to the cell by its name and overwrite it."""
    cell = _cell(truth, params["sensor"], params["day"])
    yield from go_to(hands, f"{params['sensor']} is in row {cell[1:]}, {params['day']} in column {cell[0]}.", cell)
    yield hands.type(f"The right reading is {params['value']}.", f"{params['value']}\n")
    yield from save(hands, "I save the file.")
    yield hands.finish("The reading is corrected and the file saved.")


def near_misses(hands, params, truth):
    """Another sensor, another day, or not saved."""
    sensor, day, value = params["sensor"], params["day"], params["value"]

    def put(sensor, day):
        return enter(hands, _cell(truth, sensor, day), value, f"The reading of {sensor} on {day}.")

    def unsaved():
        yield from put(sensor, day)
        yield hands.finish("Done.")

    return {
        "unsaved": unsaved(),
        "wrong_sensor": then_save(hands, put(SENSORS[SENSORS.index(sensor) - 1], day)),
        "wrong_day": then_save(hands, put(sensor, DAYS[DAYS.index(day) - 1])),
        "both": then_save(hands, put(sensor, day), put(SENSORS[SENSORS.index(sensor) - 1], day)),
    }
