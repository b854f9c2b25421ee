/**
 * SLURM jobs of a run: what was requested beside what was allocated.
 * @module
 */
import { h } from "./dom.js";
import { duration, local, plain, time, utc } from "./format.js";
import { empty } from "./notices.js";

/** @param {any} job */
export function jobLabel(job) {
  return job.slurm_array_job_id !== null && job.slurm_array_job_id !== undefined && job.slurm_array_task_id !== null && job.slurm_array_task_id !== undefined ? `${job.slurm_array_job_id}_${job.slurm_array_task_id}` : String(job.slurm_job_id);
}

/** @param {any} job @returns {number|null} seconds */
export function jobSeconds(job) {
  const started = time(job.started_at);
  return started === null ? null : ((time(job.finished_at) ?? Date.now()) - started) / 1000;
}

/** @param {any[]} jobs */
export function jobFacts(jobs) {
  if (jobs.length === 0) {
    return empty("No SLURM job is known of this run.");
  }
  return h("div", { class: "stack" }, jobs.map((job) => {
    const took = jobSeconds(job);
    const facts = [
      ["State", job.state], ["Reason", job.reason === "None" ? null : job.reason], ["Exit code", job.exit_code === null ? null : `${job.exit_code}${job.exit_signal ? ":" + job.exit_signal : ""}`],
      ["Nodes", job.nodes], ["Partition", job.partition], ["Account", job.account], ["QOS", job.qos], ["Restarts", job.restart_count],
      ["Submitted", at(job.submitted_at)], ["Started", at(job.started_at)], ["Ended", at(job.finished_at)],
      ["Waited", duration(((time(job.started_at) ?? NaN) - (time(job.submitted_at) ?? NaN)) / 1000)],
      ["Took", took === null ? null : duration(took) + (job.time_limit_seconds ? ` of ${duration(job.time_limit_seconds)} (${Math.round((100 * took) / job.time_limit_seconds)} %)` : "")],
    ];
    const names = [...new Set([...Object.keys(objectOf(job.requested)), ...Object.keys(objectOf(job.allocated))])];
    return h(
      "section",
      { class: "stack" },
      h("h2", null, `Job ${jobLabel(job)}`, job.job_name ? [" ", h("bdi", null, String(job.job_name).slice(0, 100))] : null, job.cluster ? [" on ", h("bdi", null, String(job.cluster).slice(0, 60))] : null),
      h("dl", { class: "facts" }, facts.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([term, value]) => h("div", null, h("dt", null, term), h("dd", null, value instanceof Node ? value : h("bdi", null, String(value).slice(0, 300)))))),
      names.length > 0 ? h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain narrow" }, h("thead", null, h("tr", null, h("th", null, "Resource"), h("th", { class: "number" }, "Requested"), h("th", { class: "number" }, "Allocated or used"))), h("tbody", null, names.map((name) => h("tr", null, h("td", null, h("bdi", null, name.slice(0, 100))), h("td", { class: "number" }, plain(objectOf(job.requested)[name])), h("td", { class: "number" }, plain(objectOf(job.allocated)[name]))))))) : null,
    );
  }));
}

/** @param {unknown} value @returns {Record<string, any>} */
function objectOf(value) {
  return typeof value === "object" && value !== null ? value : value === null || value === undefined ? {} : { "": value };
}

/** @param {unknown} value */
function at(value) {
  return local(value) ? h("span", { title: utc(value) }, local(value)) : null;
}
