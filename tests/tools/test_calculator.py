"""The calculator is exact, reads what people write, and says what is wrong with the rest."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.asking import context
from tools.calculator import calculate, calculator
from tools.calculator.units import known

TODAY = date(2026, 11, 28)


def shown(expression: str) -> str:
    """The answer, with its sign."""
    told = calculate(expression, today=TODAY)
    return told[max(told.rfind(" = "), told.rfind(" ≈ ")) + 1 :]


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("0.1 + 0.2", "= 0.3"),
        ("(3 + 4) * 2 ** 10", "= 7168"),
        ("2^10", "= 1024"),
        ("-2**2", "= -4"),
        ("2**3**2", "= 512"),
        ("7 // 2", "= 3"),
        ("-7 % 3", "= 2"),
        ("mod(-7, 3)", "= 2"),
        ("sqrt(9/16)", "= 0.75"),
        ("√16", "= 4"),
        ("27**(1/3)", "= 3"),
        ("cbrt(-27)", "= -3"),
        ("1/3", "≈ 0.333333333333333 (exactly 1/3)"),
        ("1/3 * 3", "= 1"),
        ("sqrt(2)", "≈ 1.4142135623731"),
        ("2pi", "≈ 6.28318530717959"),
        ("sin(30°)", "≈ 0.5"),
        ("cos(pi)", "≈ -1"),
        ("sin(pi)", "≈ 0"),
        ("atan(1) in deg", "≈ 45°"),
        ("log10(1000)", "= 3"),
        ("log(8, 2)", "= 3"),
        ("ln(1)", "= 0"),
        ("exp(1)", "≈ 2.71828182845905"),
        ("20!", "= 2432902008176640000"),
        ("comb(49, 6)", "= 13983816"),
        ("gcd(12, 18)", "= 6"),
        ("round(2.675, 2)", "= 2.68"),
        ("round(-2.5)", "= -3"),
        ("mean(1, 2, 3, 4)", "= 2.5"),
        ("median(5 kg, 100 g, 1 t)", "= 5 kg"),
        ("median(1, 10, 2, 4)", "= 3"),
        ("0**0", "= 1"),
        ("0**2", "= 0"),
        ("(-1)**3", "= -1"),
        ("2**-2", "= 0.25"),
        ("1e-6 * 1e6", "= 1"),
        ("255 in hex", "= 0xff"),
        ("0b101 + 0o7", "= 12"),
    ],
)
def test_an_expression_is_calculated_exactly_or_marked_as_rounded(expression: str, answer: str) -> None:
    assert shown(expression) == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("15% of 80", "= 12"),
        ("20% off 50", "= 40"),
        ("80 + 15%", "= 92 (15% of what stands before it added)"),
        ("200 - 10%", "= 180 (10% of what stands before it taken off)"),
        ("5% + 3%", "= 8%"),
        ("50% * 8", "= 4"),
        ("12/80 in %", "= 15%"),
        ("15 percent of 80", "= 12"),
        ("80 kg + 5%", "= 84 kg (5% of what stands before it added)"),
    ],
)
def test_percentages_mean_what_they_mean_to_people(expression: str, answer: str) -> None:
    assert shown(expression) == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("3,5 kg in g", "= 3500 g"),
        ("1,234,567 + 1", "= 1234568"),
        ("1.234,56 + 1", "= 1235.56"),
        ("1,234.56 + 1", "= 1235.56"),
        ("1.234.567,5 * 2", "= 2469135"),
        ("1'234'567 + 0", "= 1234567"),
        ("12\u202f345\u202f678 + 0", "= 12345678"),
        ("1_000_000 + 0", "= 1000000"),
        ("1,00,000 + 5", "= 100005"),
        ("0,125 * 8", "= 1"),
        ("max(1,234)", "= 234"),
        ("max(1,5; 2,5)", "= 2.5"),
        ("12 × 3 ÷ 4 − 1", "= 8"),
        ("3 x 4 =", "= 12"),
        ("٣ + ४", "= 7"),
        ("５＋５", "= 10"),
        ("5²", "= 25"),
        ("10⁻² * 1", "= 0.01"),
    ],
)
def test_numbers_are_read_as_people_write_them_in_many_places(expression: str, answer: str) -> None:
    assert shown(expression) == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("5 ft 3 in in cm", "= 160.02 cm"),
        ("5'11\" in cm", "= 180.34 cm"),
        ("-5 ft 3 in in in", "= -63 in"),
        ("170 cm in ft and in", "≈ 5 ft and 6.92913385826772 in (exactly 880/127)"),
        ("200 min in h and min", "= 3 h and 20 min"),
        ("100 km / 2 h", "= 50 km/h"),
        ("60 miles per hour in km/h", "= 96.56064 km/h"),
        ("60 km/h * 30 min", "= 30 km"),
        ("1 GB / 8 MB/s", "= 125 s"),
        ("100 Mbit/s * 1 h in GB", "= 45 GB"),
        ("1 GiB in MB", "= 1073.741824 MB"),
        ("20 °C in °F", "= 68 °F"),
        ("-40 C in F", "= -40 °F"),
        ("300 K in celsius", "= 26.85 °C"),
        ("25 °C - 20 °C", "= 5 K"),
        ("20 °C + 5 K", "= 25 °C"),
        ("9.81 m/s² * 80 kg in N", "= 784.8 N"),
        ("5000 mAh * 3.7 V in Wh", "= 18.5 Wh"),
        ("1000 kcal in kJ", "= 4184 kJ"),
        ("1 bar in hPa", "= 1000 hPa"),
        ("10 acres in ha", "= 4.0468564224 ha"),
        ("3 cubic metres in l", "= 3000 l"),
        ("2 m2 * 2 m", "= 4 m³"),
        ("sqrt(16 m2)", "= 4 m"),
        ("1/2 kg in g", "= 500 g (1/2 read as one number)"),
        ("1 m³ / 1 l", "= 1000"),
        ("5 nautical miles in km", "= 9.26 km"),
        ("1 month in days", "= 30.436875 days (a mean month of 30.436875 days)"),
        ("1 cup in ml", "= 236.5882365 ml (US measure; imperial ones are impgal, imppt, impfloz)"),
        ("10 l / 100 km", "= 0.1 l/km"),
    ],
)
def test_units_are_converted_exactly_and_kept_together(expression: str, answer: str) -> None:
    assert shown(expression) == answer


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        ("2026-11-28 + 45 days", "= 2027-01-12 (Tuesday)"),
        ("2026-11-28 - 2 weeks", "= 2026-11-14 (Saturday)"),
        ("2026-01-31 + 1 month", "= 2026-02-28 (Saturday; 2026-02 has only 28 days)"),
        ("2024-02-29 + 1 year", "= 2025-02-28 (Friday; 2025-02 has only 28 days)"),
        ("2026-11-28 + 1 year 2 months", "= 2028-01-28 (Friday)"),
        ("2026-11-28 + 48 h", "= 2026-11-30 (Monday)"),
        ("2026-03-01 - 2024-02-29", "= 731 days (104 weeks and 3 days)"),
        ("days between 2024-02-29 and 2026-03-01", "= 731 days"),
        ("days from 2026-03-01 to 2026-02-28", "= -1 day"),
        ("weeks between 2026-01-01 and 2026-11-28", "= 47 weeks and 2 days"),
        ("years between 1990-05-17 and 2026-11-28", "= 36 years, 6 months and 11 days"),
        ("days until 2026-12-25", "= 27 days (today is 2026-11-28)"),
        ("weeks since 2026-11-28", "= 0 weeks (today is 2026-11-28)"),
        ("today + 3 weeks", "= 2026-12-19 (Saturday; today is 2026-11-28)"),
        ("weekday of 2026-11-28", "= Saturday"),
        ("week of 2027-01-01", "= week 53 of 2026"),
        ("2026-11-28", "= 2026-11-28 (Saturday)"),
    ],
)
def test_dates_are_counted_by_the_calendar(expression: str, answer: str) -> None:
    assert shown(expression) == answer


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("", "nothing to calculate; allowed are numbers"),
        ("1 + ", "at character 4: something is missing"),
        ("(1 + 2", "at character 7: ')' is missing"),
        ("1 ) 2", "at character 3: ')' cannot stand there"),
        ("2 3", "at character 3: a sign is missing between two values"),
        ("2(3)", "write * to multiply"),
        ("1,234", "1,234 can mean 1234 or 1.234"),
        ("1,23,4 + 1", "is no number; write digits"),
        ("7 % -3", "mod(a, b) for a remainder"),
        ("1/0", "division by zero"),
        ("1 % 0", "division by zero"),
        ("0**-1", "division by zero"),
        ("sqrt(-1)", "not real"),
        ("tan(90°)", "tan has no value there"),
        ("log(100)", "log needs its base"),
        ("sqrt 16", "sqrt takes its arguments in parentheses"),
        ("power(2, 3)", "there is no function 'power'; allowed are abs"),
        ("max()", "max takes 1 to 100 arguments"),
        ("ln(5 kg)", "ln takes plain numbers, not a weight"),
        ("5 kg + 3 m", "at character 6: cannot add a weight and a length"),
        ("5 kg in m", "a weight cannot be converted to m, which is a length"),
        ("3 in cm", "a plain number cannot be converted to cm"),
        ("20 °C + 5 °C", "add differences in K"),
        ("20 °C * 2", "points on a scale"),
        ("5 tons in kg", "tonne (1000 kg), short ton"),
        ("5 kilometters in m", "did you mean kilometer"),
        ("2 gb in mb", "did you mean Gb or GB"),
        ("100 usd in eur", "no exchange rates"),
        ("$5 * 3", "no exchange rates"),
        ("x + 1", "no unit or function 'x'"),
        ("2026-02-29 + 1 day", "2026-02 has 28 days"),
        ("2026-13-01", "months go from 01 to 12"),
        ("11/28/2026 + 1 day", "write the date 11/28/2026 as YYYY-MM-DD"),
        ("28.11.2026 + 1 day", "YYYY-MM-DD"),
        ("2026-11-28 + 36 h", "a whole number of days"),
        ("2026-11-28 + 1 month 3 days", "one kind after the other"),
        ("2026-11-28 + 5 kg", "add days, weeks, months or years, not a weight"),
        ("2026-11-28 + 9000 years", "from the year 1 to the year 9999"),
        ("2026-11-28 + 10000000 days", "from the year 1 to the year 9999"),
        ("2026-11-28 * 2", "dates can only be subtracted"),
        ("9:30 + 1", "times of day are for the clock"),
        ("10**4000000", "too large: about 10^4000000; numbers have at most 1233 digits"),
        ("2**-100000", "too small: about 10^-30103"),
        ("1000!", "too large: about 10^2568"),
        ("'a'*9", 'at character 1: "\'" cannot be part of an expression'),
        ("1 + \u0007", "the character U+0007 cannot be part"),
    ],
)
def test_what_cannot_be_calculated_is_explained_with_its_place_and_what_would_be_right(
    expression: str, reason: str
) -> None:
    with pytest.raises(ValueError, match=r"\w") as refused:
        calculate(expression, today=TODAY)
    assert reason in str(refused.value)


async def test_the_tool_shows_the_expression_with_its_answer_and_knows_the_communitys_day() -> None:
    assert await calculator(context(timezone="UTC"), " 6 *\n7 = ?") == "6 * 7 = 42"
    late = context(timezone="Asia/Tokyo")  # where the day after has begun
    assert await calculator(late, "days until 2026-11-25") == "days until 2026-11-25 = 1 day (today is 2026-11-24)"


fractions = st.fractions(max_denominator=10**6)


@given(fractions, fractions)
@settings(max_examples=50)
def test_sums_and_products_of_fractions_are_the_fractions_own(left: Fraction, right: Fraction) -> None:
    a, b = f"({left.numerator}/{left.denominator})", f"({right.numerator}/{right.denominator})"
    assert shown(f"({a} + {b}) - ({left + right})".replace("(-", "(0-")) == "= 0"
    assert shown(f"{a} * {b} - ({left * right})") == "= 0"


@given(st.dates(), st.integers(-100_000, 100_000))
@settings(max_examples=50)
def test_days_added_to_a_date_lie_between_it_and_the_sum(day: date, days: int) -> None:
    try:
        later = day + timedelta(days=days)
    except OverflowError:
        return
    assert shown(f"{day} + {days} days").startswith(f"= {later}")
    assert shown(f"{later} - {day} in days").startswith(f"= {days} day")


def test_every_unit_goes_there_and_back_without_a_loss_or_says_that_it_is_rounded() -> None:
    names = sorted({unit.symbol for unit in known().values()} - {"/", "km/h"})
    for name in names:
        told = shown(f"(7 {name}) in {name}")
        assert told.startswith(("= 7", "≈ 7")), name
    assert len(names) > 200
