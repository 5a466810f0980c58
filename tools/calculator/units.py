"""The units that people ask for, as exact factors of SI units, and the names they go by.

A table of our own because it is the smaller thing: Pint (0.25, measured on two cores) takes 300 to 450 ms and 18 MiB at
its first use and brings four packages, and its own reading of units is an evaluator that text from a model must not
reach, so names would have to be found here all the same. Every factor was compared with Pint's; only the acre differs,
which is the international one here and the US survey one there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

Dimensions = tuple[int, ...]
"""Exponents of length, mass, time, temperature, data, angle and electric current."""

NONE: Dimensions = (0, 0, 0, 0, 0, 0, 0)
LENGTH: Dimensions = (1, 0, 0, 0, 0, 0, 0)
MASS: Dimensions = (0, 1, 0, 0, 0, 0, 0)
TIME: Dimensions = (0, 0, 1, 0, 0, 0, 0)
TEMPERATURE: Dimensions = (0, 0, 0, 1, 0, 0, 0)
DATA: Dimensions = (0, 0, 0, 0, 1, 0, 0)
ANGLE: Dimensions = (0, 0, 0, 0, 0, 1, 0)
CURRENT: Dimensions = (0, 0, 0, 0, 0, 0, 1)
AREA: Dimensions = (2, 0, 0, 0, 0, 0, 0)
VOLUME: Dimensions = (3, 0, 0, 0, 0, 0, 0)
SPEED: Dimensions = (1, 0, -1, 0, 0, 0, 0)
FREQUENCY: Dimensions = (0, 0, -1, 0, 0, 0, 0)
DATA_RATE: Dimensions = (0, 0, -1, 0, 1, 0, 0)
FORCE: Dimensions = (1, 1, -2, 0, 0, 0, 0)
PRESSURE: Dimensions = (-1, 1, -2, 0, 0, 0, 0)
ENERGY: Dimensions = (2, 1, -2, 0, 0, 0, 0)
POWER: Dimensions = (2, 1, -3, 0, 0, 0, 0)
CHARGE: Dimensions = (0, 0, 1, 0, 0, 0, 1)
VOLTAGE: Dimensions = (2, 1, -3, 0, 0, 0, -1)
RESISTANCE: Dimensions = (2, 1, -3, 0, 0, 0, -2)

KINDS: dict[Dimensions, str] = {
    NONE: "a plain number", LENGTH: "a length", MASS: "a weight", TIME: "a time", TEMPERATURE: "a temperature",
    DATA: "an amount of data", ANGLE: "an angle", CURRENT: "an electric current", AREA: "an area",
    VOLUME: "a volume", SPEED: "a speed", FREQUENCY: "a frequency", DATA_RATE: "a data rate", FORCE: "a force",
    PRESSURE: "a pressure", ENERGY: "an energy", POWER: "a power", CHARGE: "an electric charge",
    VOLTAGE: "a voltage", RESISTANCE: "a resistance",
}  # fmt: skip

PI = Fraction("3.14159265358979323846264338327950288419716939937510582")
POUND, GRAVITY, INCH, FOOT = Fraction("0.45359237"), Fraction("9.80665"), Fraction("0.0254"), Fraction("0.3048")
YEAR = Fraction("365.2425") * 86400
GALLON, IMPERIAL = Fraction("0.003785411784"), Fraction("0.00454609")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """`factor` times a number of it, plus `offset`, is the number in SI units. `exact` False: the factor is rounded."""

    symbol: str
    factor: Fraction
    dimensions: Dimensions
    offset: Fraction = Fraction(0)
    exact: bool = True
    note: str = ""


# Dimensions, factor, names (the first is shown; several words joined by _), and which prefixes go before a name.
SI, LARGE, BINARY = "si", "large", "binary"
_US, _MEAN = "US measure; imperial ones are impgal, imppt, impfloz", "a mean {name} of {days} days"
_TABLE: tuple[tuple[Dimensions, Fraction | str, str, str], ...] = (
    (LENGTH, "1", "m metre meter", SI),
    (LENGTH, INCH, "in inch ″", ""),
    (LENGTH, FOOT, "ft foot feet ′", ""),
    (LENGTH, FOOT * 3, "yd yard", ""),
    (LENGTH, FOOT * 5280, "mi mile", ""),
    (LENGTH, "1852", "nmi nautical_mile", ""),
    (LENGTH, "0.000001", "micron", ""),
    (LENGTH, "1e-10", "Å angstrom", ""),
    (LENGTH, "149597870700", "au astronomical_unit", ""),
    (LENGTH, "9460730472580800", "ly lightyear light_year", ""),
    (MASS, "0.001", "g gram gramme", SI),
    (MASS, "1000", "t tonne metric_ton", LARGE),
    (MASS, POUND, "lb lbs pound", ""),
    (MASS, POUND / 16, "oz ounce", ""),
    (MASS, POUND * 14, "st stone", ""),
    (MASS, POUND * 2000, "short_ton", ""),
    (MASS, POUND * 2240, "long_ton", ""),
    (MASS, "0.0311034768", "ozt troy_ounce", ""),
    (MASS, "0.0002", "ct carat", ""),
    (TIME, "1", "s sec second", SI),
    (TIME, "60", "min minute", ""),
    (TIME, "3600", "h hr hour", ""),
    (TIME, "86400", "days d day", ""),
    (TIME, "604800", "weeks wk week", ""),
    (TIME, "1209600", "fortnights fortnight", ""),
    (TIME, YEAR / 12, "months month", ""),
    (TIME, YEAR, "years yr year", ""),
    (TIME, YEAR * 10, "decades decade", ""),
    (TIME, YEAR * 100, "centuries century", ""),
    (TEMPERATURE, "1", "K kelvin", SI),
    (DATA, "1", "bit b", BINARY),
    (DATA, "8", "B byte", BINARY),
    (DATA_RATE, "1", "bps", BINARY),
    (ANGLE, Fraction(1, 360), "° deg degree", ""),
    (ANGLE, Fraction(1, 400), "gon", ""),
    (ANGLE, Fraction(1, 21600), "arcmin arcminute", ""),
    (ANGLE, Fraction(1, 1296000), "arcsec arcsecond", ""),
    (ANGLE, "1", "turn revolution", ""),
    (CURRENT, "1", "A amp ampere", SI),
    (CHARGE, "3600", "Ah", SI),
    (VOLTAGE, "1", "V volt", SI),
    (RESISTANCE, "1", "Ω ohm", SI),
    (AREA, "10000", "ha hectare", ""),
    (AREA, FOOT * FOOT * 43560, "acre ac", ""),
    (VOLUME, "0.001", "l L litre liter", SI),
    (VOLUME, GALLON, "gal gallon", ""),
    (VOLUME, GALLON / 4, "qt quart", ""),
    (VOLUME, GALLON / 8, "pt pint", ""),
    (VOLUME, GALLON / 16, "cup", ""),
    (VOLUME, GALLON / 128, "floz fl_oz fluid_ounce", ""),
    (VOLUME, GALLON / 256, "tbsp tablespoon", ""),
    (VOLUME, GALLON / 768, "tsp teaspoon", ""),
    (VOLUME, GALLON * 42, "bbl barrel", ""),
    (VOLUME, IMPERIAL, "impgal imperial_gallon", ""),
    (VOLUME, IMPERIAL / 8, "imppt imperial_pint", ""),
    (VOLUME, IMPERIAL / 160, "impfloz", ""),
    (SPEED, Fraction(5, 18), "km/h kmh kph", ""),
    (SPEED, FOOT * 5280 / 3600, "mph", ""),
    (SPEED, Fraction(1852, 3600), "kn knot kt", ""),
    (FREQUENCY, "1", "Hz hertz", SI),
    (FREQUENCY, Fraction(1, 60), "rpm", ""),
    (FORCE, "1", "N newton", SI),
    (FORCE, POUND * GRAVITY, "lbf", ""),
    (FORCE, GRAVITY, "kgf", ""),
    (PRESSURE, "1", "Pa pascal", SI),
    (PRESSURE, "100000", "bar", SI),
    (PRESSURE, "101325", "atm atmosphere", ""),
    (PRESSURE, POUND * GRAVITY / INCH**2, "psi", ""),
    (PRESSURE, Fraction(101325, 760), "torr", ""),
    (PRESSURE, "133.322387415", "mmHg", ""),
    (ENERGY, "1", "J joule", SI),
    (ENERGY, "4.184", "cal calorie", SI),
    (ENERGY, "3600", "Wh watthour", SI),
    (ENERGY, "1.602176634e-19", "eV electronvolt", SI),
    (ENERGY, "1055.05585262", "BTU Btu", ""),
    (POWER, "1", "W watt", SI),
    (POWER, FOOT * POUND * GRAVITY * 550, "hp horsepower", ""),
    (POWER, GRAVITY * 75, "PS", ""),
)
_PREFIXES = {
    "k": ("kilo", "1e3"), "M": ("mega", "1e6"), "G": ("giga", "1e9"), "T": ("tera", "1e12"), "P": ("peta", "1e15"),
    "E": ("exa", "1e18"), "m": ("milli", "1e-3"), "µ": ("micro", "1e-6"), "n": ("nano", "1e-9"),
    "p": ("pico", "1e-12"), "c": ("centi", "1e-2"), "d": ("deci", "1e-1"), "h": ("hecto", "1e2"),
}  # fmt: skip
_POWERS_OF_TWO = {
    "Ki": ("kibi", 10), "Mi": ("mebi", 20), "Gi": ("gibi", 30), "Ti": ("tebi", 40), "Pi": ("pebi", 50),
}  # fmt: skip

_NOTES = dict.fromkeys(("gal", "qt", "pt", "cup", "floz"), _US) | {
    "months": _MEAN.format(name="month", days="30.436875"),
    "years": _MEAN.format(name="year", days="365.2425"),
    "cal": "1 cal is 4.184 J; the Calories on food are kcal",
}
_ADVICE = {
    "ton": "tonne (1000 kg), short ton (US, 2000 lb) or long ton (UK, 2240 lb)",
    "mb": "MB (megabyte) or Mb (megabit)",
    "kb/s": "kB/s or kbit/s",
}
_MONEY = (
    "$ € £ ¥ ₹ ₽ ₩ usd eur gbp jpy chf cny inr cad aud dollar dollars euro euros yen yuan rupee rupees ruble rubles btc"
)


@lru_cache(maxsize=1)
def known() -> Mapping[str, Unit]:
    """Every unit by each of its names. Made at the first use: it takes some 20 ms that no start should wait for."""
    units: dict[str, Unit] = {}

    def add(names: list[str], dimensions: Dimensions, factor: Fraction) -> None:
        unit = Unit(
            symbol=names[0].replace("_", " "), factor=factor, dimensions=dimensions, note=_NOTES.get(names[0], "")
        )
        for name in names:
            units.setdefault(name.replace("_", " "), unit)

    for dimensions, factor, names, prefixes in _TABLE:
        add(names.split(), dimensions, Fraction(factor))
        for short, (long, power) in _PREFIXES.items() if prefixes else ():
            scale = Fraction(power)
            if scale < 1 and prefixes != SI:
                continue
            prefixed = [(long if len(name) > 3 else short) + name for name in names.split()]
            add(prefixed, dimensions, Fraction(factor) * scale)
        for short, (long, power) in _POWERS_OF_TWO.items() if prefixes == BINARY else ():
            prefixed = [(long if len(name) > 3 else short) + name for name in names.split()]
            add(prefixed, dimensions, Fraction(factor) * 2**power)
    zero = Fraction("273.15")
    celsius = Unit(symbol="°C", factor=Fraction(1), dimensions=TEMPERATURE, offset=zero)
    fahrenheit = Unit(symbol="°F", factor=Fraction(5, 9), dimensions=TEMPERATURE, offset=zero - 32 * Fraction(5, 9))
    for unit, names in ((celsius, "°C C degC celsius"), (fahrenheit, "°F F degF fahrenheit")):
        units |= dict.fromkeys(names.split(), unit)
        units |= {f"{degrees} {names.split()[-1]}": unit for degrees in ("degrees", "degree")}
    units["rad"] = units["radian"] = Unit(symbol="rad", factor=1 / (2 * PI), dimensions=ANGLE, exact=False)
    units |= {"KB": units["kB"], "Kbit": units["kbit"], "Kb": units["kb"], "kg": units["kg"]}
    return units


def find(name: str) -> Unit | None:
    """The unit of this name: symbols as they are written, words in either case, one or many."""
    name = name.replace("μ", "µ").replace("Ω", "Ω")
    units = known()
    if name in units:
        return units[name]
    word = name.lower()
    candidates = [word, word.removesuffix("s"), word.removesuffix("es")]
    if name.startswith("u"):  # um, us: the micro sign as it is typed
        candidates.insert(0, "µ" + name[1:])
    for candidate in candidates:
        if candidate in units and (len(candidate) > 2 or candidate[0] == "µ"):
            return units[candidate]
    return None


def near(name: str) -> str:
    """What to say about a name that is no unit."""
    word = name.lower()
    if word in _MONEY.split():
        return "currencies cannot be converted: there are no exchange rates here"
    if (advice := _ADVICE.get(word) or _ADVICE.get(word.removesuffix("s"))) is not None:
        return f"{name} can mean several units; write {advice}"
    same = [each for each in known() if each.lower() == word]
    close = same or difflib.get_close_matches(word, list(known()), n=3, cutoff=0.75)
    return f"there is no unit or function {name!r}" + (f"; did you mean {' or '.join(close)}?" if close else "")
