/**
 * Jobs: SLURM jobs by state and node, and the hours that came to nothing.
 * @module
 */
import { get } from "./api.js";
import { fill, h } from "./dom.js";
import { count, counted, duration, local, middleCut, utc } from "./format.js";
import { jobLabel, jobSeconds } from "./job-facts.js";
import { LiveView } from "./live-view.js";
import { empty, loading } from "./notices.js";
import { parameters, runUrl, setParameters } from "./router.js";

const MOST_JOBS = 10_000;
const SHOWN = 500;
const BAD = /FAILED|TIMEOUT|OUT_OF_MEMORY|NODE_FAIL|BOOT_FAIL|DEADLINE|CANCELLED/;

/** @returns {import("./app.js").View} */
export function view() {
  return new JobsView();
}

class JobsView extends LiveView {
  constructor() {
    super("Jobs", h("div", { class: "stack" }, loading("Loading the jobs")));
    /** @type {any[]|null} null until the first answer is there */
    this.jobs = null;
    this.find = h("input", { type: "search", placeholder: "Find a job, node, state or run", "aria-label": "Find a job", value: parameters().get("find") ?? "", size: "32" });
    this.find.addEventListener("input", () => {
      setParameters({ find: this.find.value });
      this.#show();
    });
    this.element = h("article", { class: "padded" }, h("h1", null, "Jobs"), h("div", { class: "tools" }, this.find), this.result);
    this.load();
  }

  moved() {
    this.find.value = parameters().get("find") ?? "";
    this.#show();
    return true;
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    const answer = await get("jobs", { limit: MOST_JOBS }, signal);
    if (this.isNews(answer)) {
      this.jobs = answer.jobs;
      this.#show();
    }
  }

  #show() {
    const all = this.jobs;
    if (all === null) {
      return;
    }
    const wanted = this.find.value.trim().toLowerCase();
    const jobs = wanted ? all.filter((job) => [jobLabel(job), job.job_name, job.state, job.nodes, job.partition, job.account, job.run_name, job.id].some((text) => String(text ?? "").toLowerCase().includes(wanted))) : all;
    if (all.length === 0) {
      fill(this.result, empty("No SLURM job has been observed. Jobs appear here when runs are started under SLURM."));
      return;
    }
    fill(this.result,
      h("div", { class: "tables" }, this.#by("State", jobs, (job) => job.state ?? "not observed"), this.#by("Node", jobs, (job) => job.nodes ?? "not known"), this.#by("Partition", jobs, (job) => job.partition ?? "not known")),
      h("h2", null, counted(jobs.length, "job")),
      h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" },
        h("thead", null, h("tr", null, ["Job", "State", "Run", "Node", "Partition", "Started"].map((text) => h("th", null, text)), h("th", { class: "number" }, "Took"), h("th", { class: "number" }, "of its limit"), h("th", { class: "number" }, "Restarts"))),
        h("tbody", null, jobs.slice(0, SHOWN).map((job) => {
          const took = jobSeconds(job);
          return h("tr", null,
            h("td", { class: "mono" }, jobLabel(job)), h("td", { class: BAD.test(job.state ?? "") ? "status-failed" : job.state ? "" : "soft" }, job.state ?? "not observed"),
            h("td", null, h("a", { href: runUrl(job.id), title: String(job.run_name ?? job.id).slice(0, 500) }, h("bdi", null, middleCut(String(job.run_name ?? job.id), 40)))),
            h("td", null, h("bdi", null, middleCut(String(job.nodes ?? ""), 40))), h("td", null, h("bdi", null, String(job.partition ?? "").slice(0, 40))), h("td", { title: utc(job.started_at) }, local(job.started_at)),
            h("td", { class: "number" }, duration(took)), h("td", { class: "number" }, took !== null && job.time_limit_seconds ? Math.round((100 * took) / job.time_limit_seconds) + " %" : ""), h("td", { class: "number" }, job.restart_count ? count(job.restart_count) : ""));
        })))),
      jobs.length > SHOWN ? h("p", { class: "soft" }, `The newest ${SHOWN} are shown; find others above.`) : null);
  }

  /**
   * @param {string} title
   * @param {any[]} jobs
   * @param {(job: any) => string} of
   */
  #by(title, jobs, of) {
    /** @type {Map<string, {n: number, bad: number, seconds: number, lost: number}>} */
    const groups = new Map();
    for (const job of jobs) {
      const one = groups.get(of(job)) ?? { n: 0, bad: 0, seconds: 0, lost: 0 };
      const bad = BAD.test(job.state ?? "");
      const took = jobSeconds(job) ?? 0;
      groups.set(of(job), { n: one.n + 1, bad: one.bad + Number(bad), seconds: one.seconds + took, lost: one.lost + (bad ? took : 0) });
    }
    const rows = [...groups].sort(([, a], [, b]) => b.lost - a.lost || b.n - a.n).slice(0, 12);
    return h("table", { class: "plain narrow" },
      h("thead", null, h("tr", null, h("th", null, title), h("th", { class: "number" }, "Jobs"), h("th", { class: "number" }, "Ended badly"), h("th", { class: "number", title: "Hours of jobs that ended badly" }, "Hours lost"))),
      h("tbody", null, rows.map(([name, one]) => h("tr", null, h("td", { class: "whole" }, h("bdi", { title: name.slice(0, 300) }, middleCut(name, 30))), h("td", { class: "number" }, count(one.n)), h("td", { class: "number" + (one.bad ? " status-failed" : "") }, one.bad ? `${count(one.bad)} (${Math.round((100 * one.bad) / one.n)} %)` : ""), h("td", { class: "number", title: duration(one.lost) }, one.lost ? (one.lost / 3600).toFixed(1) : "")))));
  }
}
