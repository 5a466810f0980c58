"""Everything that is counted or measured, declared once: `/metrics` and `docs/metrics.md` say what stands here.

A new counter is one line, in the section that it belongs to. A test holds the table against the source: what is
counted is declared with exactly these labels, and what is declared is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

PREFIX = "calanque_"


class Kind(StrEnum):
    """COUNTER: only grows. GAUGE: as it is now. HISTOGRAM: how many values were at most so large."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """`name` as the source has it; outside it is known under `PREFIX` and the name. `bounds`: of a histogram."""

    name: str
    means: str
    labels: tuple[str, ...] = ()
    kind: Kind = Kind.COUNTER
    bounds: tuple[float, ...] = ()


def counter(name: str, means: str, *labels: str) -> Metric:
    return Metric(name=name, means=means, labels=labels)


def gauge(name: str, means: str, *labels: str) -> Metric:
    return Metric(name=name, means=means, labels=labels, kind=Kind.GAUGE)


def histogram(name: str, means: str, *bounds: float) -> Metric:
    return Metric(name=name, means=means, kind=Kind.HISTOGRAM, bounds=bounds)


_ANSWER = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200)
_MOMENT = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

SECTIONS: Mapping[str, tuple[Metric, ...]] = {
    "Questions and answers": (
        counter("events_total", "What happened on a platform and was taken, by kind of event.", "kind"),
        counter("events_lost_total", "Events that could not be written down; whoever asked was told so.", "kind"),
        counter("messages_held_total", "Messages kept in memory until the database takes them."),
        counter(
            "messages_conflicting_total",
            "Messages that came again with other words although nobody edited them, or in another place.",
            "kind",
        ),
        counter("votes_total", "Votes on answers, and reasons given for them.", "vote"),
        counter("reviews_total", "Answers that staff have decided on.", "outcome"),
        counter("questions_late_total", "Questions that came too late for an answer; their places were told so."),
        counter(
            "answers_held_up_total", "Turns that had to wait for the engine to be back, by kind of error.", "error"
        ),
        counter("answers_total", "Turns that were closed: done, stopped or failed.", "outcome"),
        counter("answers_failed_total", "Turns that ended in an error that was told, by kind of error.", "error"),
        counter("answers_refused_total", "Turns refused because too many waited; `told`: whether it was said.", "told"),
        counter("queue_full_total", "Questions over a bound of the queue: of a person, a channel, or all.", "of"),
        counter("empty_replies_total", "Replies without text or call, asked for once more."),
        counter("tool_calls_total", "Calls of the model, by tool and whether it worked.", "tool", "outcome"),
        counter("tool_calls_denied_total", "Calls that were not carried out, by what forbade it.", "cause"),
        counter("approvals_total", "Calls that people were asked about, and what became of it.", "outcome"),
        counter("catch_ups_total", "Times people were caught up or given a summary, by how it ended.", "outcome"),
        counter("catch_ups_ready_total", "Of these, ones that wait behind a button: no direct message was taken."),
        counter("answers_ungrounded_total", "Answers that rested on nothing, and were not posted."),
        counter("cases_total", "Questions that a person was called for, and what became of it.", "outcome"),
        counter("cases_told_again_total", "Times staff were told again of what nobody had claimed.", "outcome"),
        counter("case_relays_total", "Answers of staff that were told to askers, by how.", "outcome"),
        counter("support_silences_total", "Times it fell silent in a support channel, by what it was for.", "why"),
        counter(
            "support_threads_total",
            "Threads that questions needed: opened, refused, away, gone (the question).",
            "outcome",
        ),
        counter("support_calls_total", "Times it was called back there."),
        counter("private_answers_total", "Answers that were given once more to the asker alone."),
        counter(
            "turns_bounded_total", "Turns told to answer because a bound was near: steps, tokens, seconds.", "bound"
        ),
        counter("web_pages_total", "Pages of the web that were to be read, by how that ended.", "outcome"),
        counter("web_searches_total", "Searches of the web, by how they ended.", "outcome"),
        counter("tool_results_too_large_total", "Results of tools that did not fit and were replaced by an error."),
        histogram("answer_first_text_seconds", "From the turn's opening to the first words of its answer.", *_ANSWER),
        histogram("answer_seconds", "From the turn's opening to the end of an answer that came whole.", *_ANSWER),
        gauge("turns_waiting", "Turns that wait or run."),
        gauge("turns_in_line", "Turns that wait for the engine, or for their conversation's turn before them."),
        gauge("questions_pending", "Questions in the database that are not answered yet."),
        gauge("questions_oldest_seconds", "How long the oldest of these has waited."),
    ),
    "What leaves": (
        counter("deliveries_total", "Deliveries that came to their end: sent, failed, barred or unknown.", "outcome"),
        counter("deliveries_postponed_total", "Tries to deliver that failed for now and are made again.", "platform"),
        gauge("deliveries_unfinished", "Deliveries in the database that are not over, by state.", "state"),
    ),
    "Platforms": (
        counter("discord_connections_lost_total", "Times Discord was away and had to be connected to anew."),
        counter("discord_identify_waits_total", "Waits so that the day's sessions on Discord are not used up."),
        counter("discord_catch_ups_total", "Times it was caught up with what was missed."),
        counter("discord_catch_up_retries_total", "Channels that could not be read at once while catching up."),
        counter("discord_missed_messages_total", "Messages that were missed and found while catching up."),
        counter("discord_catch_up_skipped_total", "Channels of which not all that was missed was read, by why.", "why"),
        counter("discord_inbox_full_total", "Times the gateway was read later because too many events waited."),
        counter("discord_events_failed_total", "Events of Discord that could not be read or taken."),
        counter(
            "discord_deletions_late_total", "Deletions that could not be carried out at once, and are insisted on."
        ),
        counter("discord_deletions_lost_total", "Deletions that were given up, and words that may still be kept."),
        gauge("platform_up", "1 while people can be heard and answered there.", "platform"),
        gauge("inbox_waiting", "Events that have arrived and wait to be written down.", "platform"),
        gauge("gateway_latency_seconds", "Between a heartbeat to Discord and its answer, the mean over the shards."),
        gauge("gateway_shards", "Shards of the connection to Discord."),
        gauge("gateway_shards_up", "Of these, connected ones."),
    ),
    "Engine": (
        counter("engine_failures_total", "Requests to the engine that failed, by kind.", "kind"),
        counter("engine_probe_failures_total", "Looks at the engine that failed, by kind of error.", "error"),
        histogram("engine_first_token_seconds", "From a request to its first token, reading included.", *_ANSWER),
        gauge("engine_up", "1 while the engine answers and has its model."),
        gauge("engine_away_since_seconds", "While it is away: since when, as Unix time."),
        gauge("engine_requests", "Requests that the engine is at."),
        gauge("engine_read_tokens_per_second", "How fast it reads prompts, as measured."),
        gauge("engine_write_tokens_per_second", "How fast it writes, as measured."),
    ),
    "Prompts and memory": (
        counter("prompt_count_total", "Prompts whose predicted tokens were compared with the engine's.", "result"),
        counter("prompt_miscounts_total", "Predictions that were not equal, by cause.", "result", "cause"),
        counter("token_counts_estimated_total", "Pieces counted by estimate: the server could not be asked.", "error"),
        counter("prompt_tokens_total", "Tokens of prompts, by what they were for.", "purpose"),
        counter("prompt_tokens_evaluated_total", "Of these, tokens that the engine had to read.", "purpose"),
        counter("prompts_colder_than_believed_total", "Prompts of which the engine held less than was believed."),
        counter("prefix_breaks_total", "Prompts that did not begin with the one before, by cause.", "cause"),
        counter("pieces_rendered_again_total", "Pieces rendered anew: for another engine, or after a deletion."),
        counter("summaries_total", "Summaries that the model made: used, or why not.", "outcome"),
        counter("messages_indexed_total", "Messages that were taken into the search index."),
        counter("search_index_failures_total", "Times that the search index could not be brought up to date."),
        histogram("message_indexed_seconds", "From a message's writing down to the search index.", *_ANSWER),
        counter("idle_work_total", "Idle work: done, failed, or broken off because somebody came.", "outcome"),
        counter("idle_requests_total", "Requests to the engine for idle work.", "purpose"),
        counter("idle_tokens_total", "Tokens that the engine read for idle work.", "purpose"),
    ),
    "The community's own knowledge": (
        counter("knowledge_documents_total", "Files and pages that were read, went, or cannot be read.", "outcome"),
        counter("knowledge_searches_total", "Searches in them, by whether anything was found.", "outcome"),
        counter("knowledge_embedded_total", "Passages of which a vector was made."),
        counter("knowledge_embedding_seconds_total", "How long that took, in seconds."),
        counter("knowledge_embedding_failures_total", "Times that no vector could be made."),
    ),
    "Languages": (
        counter(
            "answer_languages_total",
            "Answers that were to be in a language: right, asked for again and then mended or still wrong, or unclear.",
            "outcome",
        ),
        counter(
            "translations_total",
            "Texts to be translated: as a whole, at the second try, in pieces, left as they were, or failed.",
            "outcome",
        ),
    ),
    "Digests": (
        counter("digests_total", "Digests that were made: by the model, of extracts, or empty.", "outcome"),
        counter(
            "digest_stages_total", "Stretches of digests: made by the model, used again, or of extracts.", "outcome"
        ),
        counter("digest_points_dropped_total", "What a model said that is no point of a digest, by cause.", "cause"),
        counter("digest_runs_total", "Scheduled digests that were due, by what became of them.", "outcome"),
    ),
    "Channels side by side": (
        counter("mirror_copies_total", "Messages carried over into a linked channel, edits too, by how.", "kind"),
        counter("mirror_copies_lost_total", "Messages that were not carried over, by reason.", "reason"),
        counter("mirror_threads_changed_total", "Changes of threads carried over to a counterpart, by how.", "outcome"),
        counter("mirror_links_ended_total", "Links of channels that ended, by hand or because of who can read them."),
    ),
    "What is planned": (
        counter("plan_runs_total", "Planned things that were carried out, or not, by how it ended.", "kind", "outcome"),
        counter("plan_runs_late_total", "Of these, ones that began more than two minutes late.", "kind"),
    ),
    "Tool servers of others": (
        counter("mcp_restarts_total", "Times a tool server was away and is started anew.", "server"),
        counter("mcp_definitions_changed_total", "Tools that are not used: not what was approved any more.", "server"),
        gauge("mcp_server_up", "1 while the tool server is there.", "server"),
    ),
    "The program itself": (
        counter("watchdog_alarms_total", "Times the watchdog found something stuck, by what.", "of"),
        counter("counters_dropped_total", "Counts under names beyond the bound: a defect of the program."),
        histogram("loop_lag_seconds", "How much later than planned the event loop came round.", *_MOMENT),
        histogram(
            "database_check_seconds", "A small read and a small durable write, as `/readyz` does them.", *_MOMENT
        ),
        gauge("ready", "1 for each check of `/readyz` that finds nothing wrong.", "check"),
        gauge("build_info", "Always 1: which version runs, on which Python.", "version", "python"),
    ),
    "The process, where the system tells": (
        counter("process_cpu_seconds_total", "Processor time used, in seconds."),
        gauge("process_resident_memory_bytes", "Memory in use."),
        gauge("process_virtual_memory_bytes", "Address space in use."),
        gauge("process_open_fds", "Open descriptors: files, sockets, pipes."),
        gauge("process_max_fds", "How many it may have open."),
        gauge("process_start_time_seconds", "When it was started, as Unix time."),
    ),
}

METRICS: Mapping[str, Metric] = {metric.name: metric for section in SECTIONS.values() for metric in section}

BOUNDS: Mapping[str, tuple[float, ...]] = {
    metric.name: metric.bounds for metric in METRICS.values() if metric.kind is Kind.HISTOGRAM
}
