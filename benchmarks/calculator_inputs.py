"""What somebody would type to get out of a calculator, or to keep it busy: generated, the same at every run.

Where something is carried out it does nothing worse than to read a name or to end the process that tries it.
"""

from __future__ import annotations

from random import Random

SEED = 20_261_128
MIXED = 120  # random mixtures

_BASES = ("2", "9", "10", "-7", "0.5", "1e300", "(1/3)", "99999", "pi")
_EXPONENTS = ("4000000", "99999999999", "9**9", "9**9**9", "-4000000", "0.5**-99", "1e9", "(10**9)", "1e-300")
_LARGE = (
    "1000!", "99999999!", "9!!", "9!!!", "99!!!!!!", "factorial(10**6)", "factorial(factorial(9))",
    "factorial(1e300)", "factorial(-1)", "factorial(0.5)", "comb(10000, 5000)", "comb(1e300, 2)", "comb(9, 1e300)",
    "exp(1e300)", "exp(9999999)", "exp(exp(exp(9)))", "exp(-1e300)", "ln(1e-1200)", "ln(1+1e-1200)", "ln(0)",
    "log(1e1200, 1+1e-1000)", "log(2, 1)", "log(0, 0)", "log10(0)", "log2(1e1232)", "sin(1e300)", "tan(1e300)",
    "cos(9**9**9)", "sqrt(1e1232)", "sqrt(-1e1232)", "(10**1200)**(1/64)", "(10**1200+1)**(1/63)", "(1/3)**(1/64)",
    "1e1232 * 1e1232", "1e-1232 / 1e1232", "1e1232 // 1e-1232", "1e1232 % 1e-1232", "1e99999999", "1e-99999999",
    "round(1e300, 300)", "round(1/3, 9e9)", "round(pi, -300)", "mod(1e1232, 1e-1232)", "lcm(" + "9" * 300 + ", 7)",
    "gcd(" + "9" * 240 + ", " + "7" * 240 + ")", "abs(-1e1232)", "floor(1e1232)", "max()", "min(1)(2)",
    "1" * 500, "9" * 499 + "!", "0x" + "f" * 490, "0b" + "1" * 490, "1e" + "9" * 400, "0." + "0" * 490 + "1",
    "*".join(["9" * 49] * 10), "*".join(["99999"] * 80), "**".join(["9"] * 160), "+".join(["9"] * 249),
    "/".join(["7"] * 249), "//".join(["7"] * 160), "-".join(["1e300"] * 80), "%".join(["97"] * 160),
    "*".join(["(1/7)"] * 80), "/".join(["1e-300"] * 70), "*".join(["1e300"] * 80),
)  # fmt: skip
_DEEP = (
    "(" * 500, ")" * 500, "[" * 500, "{" * 500, "(" * 249 + "1" + ")" * 249, "(" * 90 + "9**9" + ")" * 90,
    "-" * 499 + "1", "+" * 499 + "1", "~" * 499 + "1", "not " * 120 + "1", "√" * 499, "√" * 198 + "4",
    "sqrt(" * 80 + "2" + ")" * 80, "abs(" * 120 + "1" + ")" * 120, "max(" * 100 + "1" + ")" * 100,
    "2**(" * 100 + "2" + ")" * 100, "2**-" * 120 + "2", "1 if 1 else " * 40 + "1", "(1)" * 160, "()" * 250,
    "(" * 30 + "1" + "!" * 30 + ")" * 30, "[" * 90 + "1" + "]" * 90, "f(" * 240, "lambda: " * 60 + "0",
    "1<" * 240 + "1",
    "%" * 500, "!" * 500, "." * 500, "," * 500, "1." * 250, "1," * 249 + "1", "1_" * 249 + "1", "1 " * 250,
    "1'" * 249 + "1", "'" * 500, '"' * 500, "/" * 500, "*" * 500, "1,000" * 99, "1.000" * 99, " " * 500, "\n" * 500,
)  # fmt: skip
_STRINGS = (
    "'a'*9", "'a'*999999999", "'a'*10**9*10**9", "9999999999*'a'", "'a'*2**40", "['a']*10**9", "(0,)*10**10",
    "[[0]*10**5]*10**5", "b'a'*10**10", "'%999999999d' % 1", "'{:999999999}'.format(1)", "f'{1:999999999}'",
    "'a'.join(['b']*10**8)", "'a'.ljust(10**10)", "'a'.zfill(10**10)", "'ab'.replace('', 'x'*10**5)", "'a'+'b'",
    "str(10**4300)", "int('9'*10**6)", "'9'*4301", "('a'*9999)*9999", "('a'*99999+'b')*9", "'a'in'a'*10**9",
    "'\\N{DIGIT ONE}'", "r'\\'", "u'a'*9**9", "'a' 'b' * 10**9", "range(10**12)", "list(range(10**9))",
    "tuple(range(10**9))", "set(range(10**8))", "{**{}}", "{1: 2}[1]", "[1, 2][0:10**9]", "sum(range(10**10))",
    "max(range(10**10))", "10**9 in range(10**10)", "bytes(10**10)", "bytearray(10**10)", "chr(1114111)*10**9",
)  # fmt: skip
_PAYLOADS = (
    "__import__('os').getcwd()", "__import__('os').system('true')", "__import__('subprocess').call('true')",
    "open('/etc/hostname').read()", "open(0)", "exec('1')", "eval('1')", "compile('1', '', 'eval')", "globals()",
    "locals()", "vars()", "dir()", "__builtins__", "__name__", "__file__", "__loader__", "__spec__", "exit()",
    "quit()",
    "input()", "breakpoint()", "help()", "print(1)", "getattr(1, 'real')", "setattr(1, 'a', 1)", "type(1)", "object",
    "().__class__", "().__class__.__bases__[0].__subclasses__()", "''.__class__.__mro__[1].__subclasses__()[40]",
    "(1).__class__", "1 .real", "1..hex()", "(1).__add__(2)", "pi.__class__", "sqrt.__globals__", "sqrt.__self__",
    "abs.__self__", "max.__class__.__base__", "sin.__class__.__call__", "calculator.run", "context.asker", "_context",
    "().__class__.__base__.__subclasses__()[-1].__init__.__globals__['sys'].modules['os'].getpid()",
    "[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'catch_warnings']",
    "(lambda: 0).__code__", "(lambda: 0).__globals__", "(lambda f: f(f))(lambda f: f(f))", "(i for i in ()).gi_frame",
    "(i for i in (1,)).gi_frame.f_back.f_globals", "[x for x in range(10**9)]", "{x for x in range(10**9)}",
    "[(x, y) for x in range(9999) for y in range(9999)]", "(x := 5)", "(x := 'a' * 10**9)", "...", "None", "True + 1",
    "NotImplemented", "Ellipsis", "self", "cls", "os", "sys.exit(1)", "import os", "from os import system", "x = 1",
    "while True: pass", "for i in x: pass", "def f(): pass", "class A: pass", "yield 1", "await x",
    "async def f(): 0",
    "raise SystemExit", "assert 0", "del x", "pass", "return 1", "global x", "with x: 0", "try: 0", "@x",
    "1 # x", "\\",
    "1\n2", "1;2", "1\x0c+1", "`ls`", "$(ls)", "${7*7}", "{{7*7}}", "<%= 7*7 %>", "#{7*7}", "%s%s%s%n", "' OR 1=1 --",
    "1; DROP TABLE x", "../../etc/passwd", "file:///etc/passwd", "</s>[INST]", "<script>alert(1)</script>", "&#49;",
    "rand()", "random()", "random.random()", "uuid4()", "time.sleep(99)", "sleep(99)", "hash(1)", "id(1)",
    "memoryview(b'a')",
    "1 << 10**10", "1 << 99999999", "2 >> -1", "1 << -1", "~0", "5 & 3", "5 | 3", "5 xor 3", "1 @ 2", "1 < 2",
    "1 == 1",
    "1 and 2", "1 or 2", "not 1", "1 is 1", "1 in [1]", "1j", "(-8)**0.5j", "nan", "inf", "-inf", "float('nan')",
    "int.from_bytes(b'a'*10**9, 'big')", "pow(9, 9**9)", "pow(2, 10**9, 7)", "divmod(9**9999, 7)", "hex(9**99999)",
    "Decimal('1e999999999') + 1", "Fraction('1e9999999')", "complex(1, 2)", "mean(" + "1," * 240 + "1)",
    "sum(1e1232)",
)  # fmt: skip
_SIGNS = (
    "٣" * 499, "९" * 300 + "!", "⁹" * 400, "9" + "⁹" * 300, "2²²²²²²²", "2" + "²" * 400, "½" * 100, "①" * 9,
    "Ⅷ", "一二三",
    "９９９９９９９９**９９９９９９", "＿＿import＿＿('os')", "𝟡**𝟡**𝟡**𝟡", "ℯ**ℼ", "sqrt\u200b(4)", "1\u202e2",
    "1\u2028+1",
    "\x00", "1\x001", "\x1b[31m1", "\ufeff1+1", "\U000e0041" * 99, "👨‍👩‍👧‍👦" * 20, "e\u0301" * 90, "\u0338" * 400,
    "\u200b" * 499, "\ufffd" * 99, "\uffff1", "µ" * 400, "°" * 400, "Ω" * 400, "Å" * 400, "ﬁ" * 99, "ſin(1)",
    "ｓｑｒｔ(4)",
    "ß" * 400, "İ" * 300, "ก" * 400, "日" * 400, "ا" * 400, "\u2066" * 400, "1\u00a01\u202f1", "−" * 400 + "1",
    "×" * 400,
)  # fmt: skip
_UNITS = (
    "m" * 499, "5 " + "k" * 400 + "m", "5 m**9999999999", "5 m**-9999999999", "5 m**1e300", "5 m**m", "5**m",
    "5 m2147483647",
    "5 km**12 * 5 km**12", "1 ly**12 in m**12", "1 m/" * 100 + "1", "5 kg in " + "m*" * 200 + "m", "in " * 160,
    "1 in in in in in",
    "5 ft " * 90, "5 ft 3 in " * 40, "5 m in ft and " + "in and " * 60 + "in", "1 m in m/s and s", "1e1232 ly in Å",
    "1e-1232 eV in GWh", "20 °C °C", "20 °C in m", "-" * 300 + "20 °C in °F", "1e300 °F in K", "per per per",
    "5 per m",
    "square " * 60 + "m", "cubic cubic m", "5 sq", "5 m in", "in m", "to to to", "5 usd", "₿" * 99,
    "5 " + "x" * 480, "ton",
    "x" * 490 + "(1)", "5 mb in gb", "1 kg m s", "5 K K K", "% of 80", "15% of", "15%%%%%", "% % %",
    "15% of 15% of 15% of 1",
    "80" + " + 99%" * 60, "80" + " - 99%" * 60, "1e300%" * 2, "5 kg!", "5 kg%", "m!", "5**kg", "hex",
    "5 in hex", "0.5 in hex",
    "1e1232 in binary", "-255 in hex", "5 kg in hex", "5 in % in %", "km/h" * 100, "h" * 400, "5 " * 200 + "m",
    "5 m 5 m 5 kg",
)  # fmt: skip
_DATES = (
    "0000-00-00", "0000-01-01", "9999-12-31 + 1 day", "0001-01-01 - 1 day", "2026-02-30", "2026-99-99", "20260-11-28",
    "2026-11-28 + 1e300 days", "2026-11-28 - 1e300 days", "2026-11-28 + 1e300 months", "2026-11-28 + 1e9 years",
    "2026-01-31 + 10**9 months", "2026-11-28 + 1e-300 days", "2026-11-28" * 40, "2026-11-28 + 1 month" * 20,
    "2026-11-28" + " + 1 month" * 45, "2026-11-28 - 2026-11-28" * 20, "2026-11-28 ** 2", "2026-11-28!", "-2026-11-28",
    "2026-11-28 % 7", "sqrt(2026-11-28)", "2026-11-28 in days", "days between", "days between 1 and 2",
    "days from to",
    "days until until until", "days between 0001-01-01 and 9999-12-31", "years between 9999-12-31 and 0001-01-01",
    "weeks since 9999-12-31", "weekday of", "weekday of 5", "weekday of weekday", "week of week of 2026-11-28",
    "today" * 90,
    "today + today", "today * 9**9", "11/28/2026", "28.11.2026", "1/1/1111" * 60, "12:30", "99:99:99", "2026-W48",
    "-".join(["2026"] * 99), "2026-11-28T18:00", "today + 1 fortnight", "today + 1 century", "today + 1/3 days",
    "0-0-0",
)  # fmt: skip
_LONG = ("1+" * 500_000 + "1", "(" * 1_000_000, "9" * 2_000_000, "a" * 3_000_000, "5 " * 100_000, "é" * 100_000)
_ATOMS = (
    "0 1 2 9 3.5 1e300 1e-300 99999 ( ( ) ) + - * / // % ** ^ ! , ; in to of off per and kg m s °C °F ft h days months "
    "today 2026-11-28 sqrt( sin( max( log( round( comb( pi e √ ² ³ hex km/h ' \" _ . 1,234 1'000 ٤ __ [ ] { } : = < a x"
)


def hostile() -> list[str]:
    """At least 500 different inputs."""
    powers = [f"{base}**{exponent}" for base in _BASES for exponent in _EXPONENTS]
    random, atoms = Random(SEED), _ATOMS.split()
    mixed = [
        random.choice(("", " ")).join(random.choice(atoms) for _ in range(random.randrange(2, 60)))[:500]
        for _ in range(MIXED)
    ]
    families = (powers, _LARGE, _DEEP, _STRINGS, _PAYLOADS, _SIGNS, _UNITS, _DATES, _LONG, mixed)
    return list(dict.fromkeys(each for family in families for each in family))
