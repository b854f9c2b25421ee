/**
 * Evidence behind a status: what each attempt, its wrapper and the scheduler said.
 * @module
 */
import { h } from "./dom.js";
import { duration, local, time, utc } from "./format.js";
import { jobLabel } from "./job-facts.js";
import { statusMark } from "./status.js";

/** Why a rule decides; the words of `runledger why`. @type {Record<string, string>} */
const RULES = {
  operator: "an operator corrected it",
  scheduler: "the scheduler reported an abnormal end, which overrides what the job claims",
  slurm: "SLURM saw how the job ended, which overrides what the job claims",
  wrapper: "the wrapper saw how the process ended",
  job: "the job said so, and nothing else observed its end",
  observer: "its process is gone, and nothing reported how it ended",
  last: "no end was reported; the last report counts",
  started: "it started, and nothing has been reported since",
  nothing: "its start event has not arrived yet",
};

/** @param {any} document */
export function evidence(document) {
  return h("div", { class: "evidence" }, document.attempts.map((/** @type {any} */ attempt, /** @type {number} */ i) => {
    const rule = attempt.status_rule ?? "nothing";
    const heart = time(attempt.last_heartbeat_at);
    const rows = [
      ...(attempt.claims ?? []).map((/** @type {any} */ claim) => [claim.source, claim.at, [statusMark(claim.status), exit(claim), ...(claim.reason ? [exit(claim) ? ": " : " ", h("bdi", { class: "reason" }, String(claim.reason).slice(0, 1_000))] : [])]]),
      ...(attempt.slurm_jobs ?? []).map((/** @type {any} */ job) => ["SLURM", job.finished_at ?? job.started_at, [`job ${jobLabel(job)}: ${job.state ?? "was not asked about"}`, job.reason && job.reason !== "None" ? ` (${job.reason})` : "", exit(job)]]),
      ["heartbeat", attempt.last_heartbeat_at, [heart === null ? "none came" : `last ${duration(Math.max(1, (Date.now() - heart) / 1000))} ago`]],
    ];
    return h(
      "section",
      null,
      h("h2", null, `Attempt ${i + 1}`, attempt.host ? [" on ", h("bdi", null, String(attempt.host).slice(0, 100))] : null),
      h("p", null, statusMark(attempt.status), h("span", null, " because " + (attempt.because ?? RULES[rule] ?? rule))),
      h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" },
        h("thead", null, h("tr", null, h("th", null, "Who"), h("th", null, "When"), h("th", null, "Said"))),
        h("tbody", null, rows.map(([who, when, what]) => h("tr", null, h("td", { class: "whole" }, who), h("td", { class: "whole", title: utc(when) }, local(when)), h("td", null, what)))))),
    );
  }));
}

/** @param {any} one */
function exit(one) {
  const code = one.exit_code ?? null;
  const signal = one.exit_signal ?? null;
  return code === null && signal === null ? "" : `, exit code ${code ?? 0}${signal ? ":" + signal : ""}`;
}
