"""Days, months and small numbers that people write as words, in a dozen languages: the same in all of them."""

from __future__ import annotations

from bot.talk.spelling import fold

_DAYS = (
    "monday lundi montag lunes lunedì segunda-feira maandag poniedziałek måndag pazartesi понедельник 月曜 周一 "
    "星期一 월요일",
    "tuesday mardi dienstag martes martedì terça-feira dinsdag wtorek tisdag salı вторник 火曜 周二 星期二 화요일",
    "wednesday mercredi mittwoch miércoles mercoledì quarta-feira woensdag środa onsdag çarşamba среда среду "
    "水曜 周三 星期三 수요일",
    "thursday jeudi donnerstag jueves giovedì quinta-feira donderdag czwartek torsdag perşembe четверг 木曜 "
    "周四 星期四 목요일",
    "friday vendredi freitag viernes venerdì sexta-feira vrijdag piątek fredag cuma пятница пятницу 金曜 周五 "
    "星期五 금요일",
    "saturday samedi samstag sonnabend sábado sabato zaterdag sobota sobotę lördag cumartesi суббота субботу "
    "土曜 周六 星期六 토요일",
    "sunday dimanche sonntag domingo domenica zondag niedziela niedzielę söndag pazar воскресенье 日曜 周日 "
    "星期日 星期天 일요일",
)
_MONTHS = (
    "january janvier januar enero gennaio janeiro januari styczeń stycznia ocak января",
    "february février februar febrero febbraio fevereiro februari luty lutego şubat февраля",
    "march mars märz marzo março maart marzec marca mart марта",
    "april avril abril aprile kwiecień kwietnia nisan апреля",
    "mai mayo maggio maio mei maj maja mayıs мая",  # not "may", which mostly is none
    "june juin juni junio giugno junho czerwiec czerwca haziran июня",
    "july juillet juli julio luglio julho lipiec lipca temmuz июля",
    "august août agosto augustus sierpień sierpnia augusti ağustos августа",
    "september septembre septiembre settembre setembro wrzesień września eylül сентября",
    "october octobre oktober octubre ottobre outubro październik października ekim октября",
    "november novembre noviembre novembro listopad listopada kasım ноября",
    "december décembre dezember diciembre dicembre dezembro grudzień grudnia aralık декабря",
)
_NUMBERS = (
    "two deux zwei dos due dois duas twee dwa dwie två iki два две двух",
    "three trois drei tres tre três drie trzy üç три трёх",
    "four quatre vier cuatro quattro quatro cztery fyra dört четыре",
    "five cinq fünf cinco cinque vijf pięć fem beş пять",
    "six sechs seis sei zes sześć sex altı шесть",
    "seven sept sieben siete sette sete zeven siedem sju yedi семь",
    "eight huit acht ocho otto oito osiem åtta sekiz восемь",
    "nine neuf neun nueve nove negen dziewięć nio dokuz девять",
    "ten dix zehn diez dieci dez tien dziesięć tio on десять",
    "eleven onze elf once undici jedenaście elva onbir одиннадцать",
    "twelve douze zwölf doce dodici doze twaalf dwanaście tolv oniki двенадцать",
)

DATES = {fold(word): f"day {n}" for n, words in enumerate(_DAYS) for word in words.split()} | {
    fold(word): f"month {n}" for n, words in enumerate(_MONTHS, 1) for word in words.split()
}
"""What stands for a day of the week or a month, by folded word."""

NUMBERS = {fold(word): number for number, words in enumerate(_NUMBERS, 2) for word in words.split()}
"""Small numbers by folded word. Some words mean something else, too, so they only ever stand for a number that is said
elsewhere in digits."""

_REPORTING = (
    "says said asks asked will wants wanted suggests suggested offers offered proposes proposed thinks needs "
    "promised reports "
    "sagt fragt will möchte meint schlägt bietet dit demande propose veut pense dice pregunta propone quiere "
    "piensa chiede vuole "
    "pensa diz pergunta propõe quer zegt vraagt wil mówi pyta chce säger frågar vill diyor istiyor говорит "
    "спрашивает предлагает "
    "хочет"
)
REPORTING = frozenset(map(fold, _REPORTING.split()))
"""What people do in a report: before it stands who does."""

_ANYBODY = (
    "everyone everybody someone somebody nobody people users they he she it we this that who jemand niemand "
    "man alle er sie es wir "
    "quelqu'un personne on il elle ils alguien nadie todos él ella qualcuno nessuno alguém ninguém ele ela "
    "iemand niemand hij zij "
    "ktoś nikt on ona någon ingen han hon кто-то никто он она all both some many there here now today tomorrow and but "
    "if when a an the der die das den ein eine le la les un une el los las lo gli i o os uma um de het een"
)
ANYBODY = frozenset(map(fold, _ANYBODY.split()))
"""Who is nobody in particular, and other words with which sentences begin."""
