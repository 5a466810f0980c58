"""What people and the bot say in benchmarks: invented, the same in every run, in several languages and scripts."""

from __future__ import annotations

from random import Random

LINES = (
    "does anyone know why the build fails on my machine?",
    "I restarted the server and the error is still there, see the log below",
    "thanks, that worked! the port was taken by an old process",
    "the release is planned for Thursday, unless the tests on arm64 stay red",
    "Quelqu'un a déjà essayé avec la nouvelle version du pilote ?",
    "chez moi ça marche, mais il faut vider le cache avant",
    "Ich habe das heute Morgen gemeldet, die Antwort steht im Wiki.",
    "Kann mir jemand erklären, was diese Einstellung eigentlich bewirkt?",
    "¿alguien más ve que la página tarda más de diez segundos?",
    "昨日のアップデートから画像が表示されません。",
    "多分是缓存的问题，清理一下再试试。",
    "А где лежат резервные копии базы данных?",
    "هل يمكن تغيير اللغة من الإعدادات؟",
    "मुझे लगता है कि यह गलती नई फ़ाइल में है",
    "`systemctl restart harbour` and then `journalctl -u harbour -n 50`",
    "https://docs.example/setup#ports says 8321, but mine listens on 8400 😕",
)
ADVICE = (
    "The message says that the address is in use, so another process listens on that port.",
    "You can see which one it is with `ss -ltnp`, and end it or choose another port in the settings.",
    "If that does not help, please show the last twenty lines of the log, with secrets removed.",
    "Two things differ between your machines: the version of the driver and the size of the window.",
    "The backup is written before every migration, into the folder `backups` beside the database.",
    "A warm start needs about two seconds; most of it is spent waiting for the gateway.",
    "- first the queue is drained\n- then the running answers end\n- then the database is closed",
    "```sh\nmake install\nmake test ARGS='-k storage'\n```",
    "**Note:** this changes the prompt, so the first answer afterwards is slower.",
)


def line(random: Random) -> str:
    """One message of a person."""
    return " ".join(random.sample(LINES, random.randint(1, 2)))


def advice(random: Random, sentences: int) -> str:
    """One answer of the bot."""
    return "\n\n".join(random.choices(ADVICE, k=sentences))
