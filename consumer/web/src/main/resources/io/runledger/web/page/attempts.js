/**
 * Attempts as a time line: one bar a life of the run.
 * @module
 */
import { h } from "./dom.js";
import { count, duration, firstLine, local, time, utc } from "./format.js";
import { statusMark } from "./status.js";

/** @param {any[]} attempts oldest first */
export function attemptLine(attempts) {
  if (attempts.length < 2) {
    return null;
  }
  const starts = attempts.map((one) => time(one.started_at)).filter((at) => at !== null);
  const from = Math.min(...starts);
  const last = attempts.length - 1;
  // An attempt that another one followed runs no more, even if nothing reported its end.
  const lost = attempts.map((one, i) => one.status === "running" && i < last);
  const ends = attempts.map((one, i) => {
    const next = i < last ? time(attempts[i + 1].started_at) : null;
    const heart = time(one.last_heartbeat_at);
    return time(one.finished_at) ?? (lost[i] && next !== null ? Math.min(heart ?? next, next) : heart) ?? time(one.started_at) ?? from;
  });
  const to = Math.max(...ends, ...starts, attempts[last].status === "running" ? Date.now() : 0);
  const range = to - from || 1;
  return h("ol", { class: "attempts", "aria-label": "Attempts" }, attempts.map((one, i) => {
    const start = time(one.started_at) ?? from;
    const end = one.status === "running" && !lost[i] ? Date.now() : ends[i];
    const bar = h("span", { class: `attempt-bar bar-${lost[i] ? "pending" : one.status}` });
    bar.style.marginLeft = `${(((start - from) / range) * 100).toFixed(2)}%`;
    bar.style.width = `max(4px, ${((Math.max(0, end - start) / range) * 100).toFixed(2)}%)`;
    const resumed = one.resumed_from_step ?? null;
    const reason = one.status_reason ? firstLine(one.status_reason).slice(0, 160) : "";
    return h(
      "li",
      { class: "attempt" },
      h("span", { class: "attempt-name" }, `Attempt ${i + 1}`),
      lost[i] ? h("span", { class: "status status-pending", title: "The next attempt began before an end of this one was reported" }, h("span", { "aria-hidden": "true" }, "–"), h("span", { class: "status-word" }, "no end reported")) : statusMark(one.status, reason),
      h("span", { class: "attempt-track", "aria-hidden": "true" }, bar),
      h("span", { class: "soft", title: utc(one.started_at) }, local(one.started_at)),
      h("span", { class: "soft" }, duration((end - start) / 1000)),
      h("span", { class: "soft" }, [one.host ? h("bdi", null, String(one.host).slice(0, 60)) : null, resumed !== null ? ` from step ${count(resumed)}` : null, one.config_drift ? " · another configuration" : null]),
    );
  }));
}
