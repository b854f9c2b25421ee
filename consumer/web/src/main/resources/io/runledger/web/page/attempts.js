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
  const ends = attempts.map((one) => time(one.finished_at) ?? time(one.last_heartbeat_at) ?? time(one.started_at) ?? from);
  const to = Math.max(...ends, ...starts, attempts[attempts.length - 1].status === "running" ? Date.now() : 0);
  const range = to - from || 1;
  return h("ol", { class: "attempts", "aria-label": "Attempts" }, attempts.map((one, i) => {
    const start = time(one.started_at) ?? from;
    const end = one.status === "running" ? Date.now() : ends[i];
    const bar = h("span", { class: `attempt-bar bar-${one.status}` });
    bar.style.marginLeft = `${(((start - from) / range) * 100).toFixed(2)}%`;
    bar.style.width = `max(4px, ${((Math.max(0, end - start) / range) * 100).toFixed(2)}%)`;
    const resumed = one.resumed_from_step ?? null;
    const reason = one.status_reason ? firstLine(one.status_reason).slice(0, 160) : "";
    return h(
      "li",
      { class: "attempt" },
      h("span", { class: "attempt-name" }, `Attempt ${i + 1}`),
      statusMark(one.status, reason),
      h("span", { class: "attempt-track", "aria-hidden": "true" }, bar),
      h("span", { class: "soft", title: utc(one.started_at) }, local(one.started_at)),
      h("span", { class: "soft" }, duration((end - start) / 1000)),
      h("span", { class: "soft" }, [one.host ? h("bdi", null, String(one.host).slice(0, 60)) : null, resumed !== null ? ` from step ${count(resumed)}` : null, one.config_drift ? " · another configuration" : null]),
    );
  }));
}
