/**
 * Run: how it is and why, its charts, and all that is known of it.
 * @module
 */
import { ApiError, get, isAbort } from "./api.js";
import { attemptLine } from "./attempts.js";
import { chartPanel } from "./charts.js";
import { configTree } from "./config-tree.js";
import { fill, h } from "./dom.js";
import { alertsOf } from "./alerts.js";
import { errorList } from "./error-list.js";
import { evidence } from "./evidence.js";
import { bytes, count, counted, duration, local, middleCut, number, plain, time, utc } from "./format.js";
import { jobFacts } from "./job-facts.js";
import { LiveView } from "./live-view.js";
import { missing } from "./missing.js";
import { copy, empty, loading, problem } from "./notices.js";
import { rankOf } from "./flat.js";
import { notesEditor, tagEditor } from "./notes.js";
import { navigate, parameters, setParameters } from "./router.js";
import { statusMark } from "./status.js";
import { tabs } from "./tabs.js";
import { retitle } from "./title.js";
import { deleteRuns, restoreRuns } from "./edit.js";

const TICK_MILLISECONDS = 1_000;
const MOST_ALERTS = 3;

/**
 * @param {string} id
 * @returns {import("./app.js").View}
 */
export function view(id) {
  return new RunView(id);
}

class RunView extends LiveView {
  /** @param {string} id */
  constructor(id) {
    super(id, h("article", { class: "padded run" }, loading("Loading the run")));
    this.id = id;
    this.element = this.result;
    const ticking = setInterval(() => this.#tick(), TICK_MILLISECONDS);
    this.ends.push(() => clearInterval(ticking), () => this.panel?.dispose());
    /** @type {string|undefined} */
    this.whyStamp = undefined;
    this.headStamp = "";
    this.alerts = h("div");
    this.headTop = h("div", { class: "stack" });
    this.headFacts = h("dl", { class: "facts" });
    this.took = h("span");
    this.silence = h("span", { class: "status-timeout" });
    this.load();
  }

  /** @param {Set<string>|null} runs */
  concerns(runs) {
    return runs === null || this.document === undefined || runs.has(this.document.run.id);
  }

  /** @param {AbortSignal} signal */
  async refresh(signal) {
    const document = await get(`runs/${encodeURIComponent(this.id)}`, {}, signal);
    const first = this.document === undefined;
    this.document = document;
    if (first) {
      this.#build();
    }
    this.#draw();
    try {
      const { alerts, total } = await get("alerts", { run: document.run.id, limit: MOST_ALERTS }, signal);
      fill(this.alerts, alertsOf(document.run.id, alerts, total));
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      fill(this.alerts);
    }
  }

  /** @param {unknown} error */
  failed(error) {
    if (error instanceof ApiError && error.status === 404 && /deleted/.test(error.message)) {
      this.panel?.dispose();
      this.document = undefined;
      fill(this.element, empty(error.message, h("button", { class: "editing", type: "button", on: { click: async () => (await restoreRuns([this.id])) && this.load() } }, "Restore this run"), h("a", { href: "/runs" }, "All runs")));
    } else if (this.document === undefined) {
      super.failed(error);
    }
  }

  #build() {
    const { run, attempts } = this.document;
    this.strip = h("div");
    this.timeline = h("div");
    this.why = h("details", { class: "why" }, h("summary", null, "Why this status?"));
    this.whyBody = h("div");
    this.why.append(this.whyBody);
    this.why.addEventListener("toggle", () => {
      if (this.why?.open) {
        this.#loadEvidence();
      }
      setParameters({ why: this.why?.open ? "1" : null });
    });
    const url = parameters();
    this.tags = tagEditor(run.id, run.tags ?? []);
    const head = h("header", { class: "run-head" }, this.headTop, this.tags.element, this.headFacts);
    this.notes = notesEditor(run.id, run.notes ?? "");
    const seams = attempts.slice(1).map((/** @type {any} */ attempt, /** @type {number} */ i) => ({ step: attempt.resumed_from_step ?? null, time: time(attempt.started_at), label: `attempt ${i + 2}` }));
    const panel = (this.panel = chartPanel({ runs: [{ id: run.id, name: run.run_name ?? run.id }], metrics: this.#metrics(), seams, pointsOf: (metric) => this.document.metrics.find((/** @type {any} */ one) => one.metric_name === metric)?.count ?? 0 }));
    this.tabs = tabs("Parts of the run", url.get("tab") ?? "charts", (tab) => setParameters({ tab: tab === "charts" ? null : tab }), [
      { key: "charts", title: "Charts", make: () => panel.element },
      { key: "metrics", title: "Metrics", make: () => this.#metricTable() },
      { key: "config", title: "Configuration", make: () => configTree(this.document.run.config, "Configuration", attemptsWithDrift(this.document), [...new Set(/** @type {string[]} */ (this.document.attempts.flatMap((/** @type {any} */ attempt) => attempt.masked_keys ?? [])))]) },
      { key: "results", title: "Results", make: () => this.#results() },
      { key: "errors", title: "Errors", make: () => errorList(this.document.errors ?? []) },
      { key: "artifacts", title: "Artifacts", make: () => this.#artifacts() },
      { key: "slurm", title: "SLURM", make: () => jobFacts(this.document.slurm_jobs ?? []) },
      { key: "notes", title: "Notes", make: () => /** @type {any} */ (this.notes).element },
    ]);
    fill(this.element, head, this.strip, this.alerts, this.timeline, this.why, this.tabs.element);
    this.why.open = url.get("why") === "1";
  }

  #metrics() {
    return (this.document.metrics ?? []).map((/** @type {any} */ one) => one.metric_name);
  }

  #draw() {
    const { run, attempts, errors, artifacts, slurm_jobs: jobs, results } = this.document;
    const name = run.run_name ?? run.id;
    this.title = middleCut(name, 60);
    retitle(this.title);
    const newest = attempts[attempts.length - 1] ?? {};
    const heart = time(run.last_heartbeat_at);
    const allowed = Math.max(1, 3 * (run.heartbeat_interval_seconds ?? 30)) * 1000;
    this.silentSince = run.status === "running" && heart !== null && Date.now() - heart > allowed ? heart : null;
    this.#fillHead(run, newest, name);
    this.tags?.show(run.tags ?? []);
    this.notes?.show(run.notes ?? "");
    fill(/** @type {HTMLElement} */ (this.strip), missing(this.document));
    fill(/** @type {HTMLElement} */ (this.timeline), attemptLine(attempts));
    const tabs = /** @type {NonNullable<typeof this.tabs>} */ (this.tabs);
    tabs.count("metrics", (this.document.metrics ?? []).length);
    tabs.count("errors", (errors ?? []).length);
    tabs.count("artifacts", (artifacts ?? []).length);
    tabs.count("slurm", (jobs ?? []).length);
    tabs.count("results", (results ?? []).length);
    // A tab is drawn again only if what it shows has changed, so that nothing jumps under the reader.
    tabs.refresh("metrics", JSON.stringify(this.document.metrics));
    tabs.refresh("errors", JSON.stringify(errors));
    tabs.refresh("artifacts", JSON.stringify(artifacts));
    tabs.refresh("results", JSON.stringify(results));
    tabs.refresh("slurm", JSON.stringify(jobs));
    tabs.refresh("config", JSON.stringify(run.config));
    this.panel?.addMetrics(this.#metrics());
    const stamp = JSON.stringify([run.status, run.status_reason, attempts.length]);
    if (this.why?.open && this.whyStamp !== undefined && this.whyStamp !== stamp) {
      this.#loadEvidence();
    }
    this.whyStamp = stamp;
    this.#tick();
  }

  /**
   * @param {any} run
   * @param {any} newest
   * @param {string} name
   */
  #fillHead(run, newest, name) {
    const key = ["project", "experiment", "dataset", "method", "subject", "cl_info", "seed"].filter((part) => run[part] !== null && run[part] !== undefined && run[part] !== "");
    const facts = [
      ["Started", h("span", { title: utc(run.started_at) }, local(run.started_at))],
      ["Took", this.took],
      newest.host ? ["Host", h("bdi", null, newest.host)] : null,
      newest.user ? ["User", h("bdi", null, newest.user)] : null,
      newest.git_commit ? ["Commit", h("span", { class: "mono", title: newest.git_commit }, String(newest.git_commit).slice(0, 10), newest.git_dirty ? h("span", { class: "status-timeout", title: "Tracked files differed from the commit" }, " modified") : null)] : null,
      newest.command ? ["Command", h("bdi", { class: "mono", title: String(newest.command).slice(0, 2_000) }, middleCut(String(newest.command), 60))] : null,
      ["Id", h("span", { class: "mono" }, run.id)],
      ...key.map((part) => [part.replace("_", " ").replace(/^./, (first) => first.toUpperCase()), h("bdi", { title: String(run[part]).slice(0, 1_000) }, middleCut(String(run[part]), 40))]),
    ];
    const stamp = JSON.stringify([run, newest]);
    if (this.headStamp === stamp) {
      return;
    }
    this.headStamp = stamp;
    const reason = run.status_reason ?? "";
    fill(
      this.headTop,
      h(
        "div",
        { class: "run-title" },
        h("h1", { title: name.slice(0, 3_000) }, h("bdi", null, middleCut(name, 120))),
        h("div", { class: "tools" }, h("button", { class: "quiet", type: "button", on: { click: () => copy(run.id, "Id") }, title: "Copy the id" }, "Copy id"), h("a", { class: "button", href: "/compare?run=" + run.id }, "Compare"), h("button", { class: "danger quiet editing", type: "button", on: { click: async () => (await deleteRuns([run.id])) && navigate("/runs") } }, "Delete")),
      ),
      h(
        "p",
        { class: "run-status" },
        statusMark(run.status),
        reason ? h("bdi", { class: "reason", title: reason.slice(0, 3_000) }, middleCut(reason.replace(/\s+/g, " "), 200)) : null,
        run.exit_code !== null && run.exit_code !== undefined ? h("span", { class: "soft" }, `exit code ${run.exit_code}`) : null,
        run.status_source ? h("span", { class: "soft" }, `reported by the ${run.status_source}`) : null,
        this.silence,
      ),
    );
    fill(this.headFacts, facts.filter((fact) => fact !== null).map(([term, value]) => h("div", null, h("dt", null, /** @type {string} */ (term)), h("dd", null, value))));
  }

  #tick() {
    if (this.document === undefined) {
      return;
    }
    const { run } = this.document;
    const started = time(run.started_at);
    const finished = time(run.finished_at);
    this.took.textContent = started === null ? "not yet" : run.status === "running" || finished !== null ? duration(((finished ?? Date.now()) - started) / 1000) : "unknown";
    this.silence.textContent = this.silentSince ? `silent for ${duration((Date.now() - this.silentSince) / 1000)}` : "";
    this.silence.title = this.silentSince ? `The last heartbeat came at ${utc(this.silentSince)}: the job is dead or disconnected.` : "";
  }

  async #loadEvidence() {
    const place = /** @type {HTMLElement} */ (this.whyBody);
    if (!place.hasChildNodes()) {
      fill(place, loading());
    }
    try {
      fill(place, evidence(await get(`runs/${encodeURIComponent(this.id)}/evidence`, {}, this.ending.signal)));
    } catch (error) {
      if (!isAbort(error)) {
        fill(place, problem(error));
      }
    }
  }

  #metricTable() {
    const metrics = [...(this.document.metrics ?? [])].sort((a, b) => rankOf(a.metric_name) - rankOf(b.metric_name));
    if (metrics.length === 0) {
      return empty("No metric has been logged yet.");
    }
    const mark = (/** @type {any} */ one) => (one ? [h("span", { title: String(one.value) }, number(one.value)), one.step !== null && one.step !== undefined ? h("span", { class: "at" }, " @ " + count(one.step)) : null] : null);
    return h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" },
      h("thead", null, h("tr", null, h("th", null, "Metric"), ["Last", "Min", "Max", "Points", "NaN"].map((text) => h("th", { class: "number" }, text)))),
      h("tbody", null, metrics.map((/** @type {any} */ one) => h("tr", null,
        h("td", null, h("bdi", { title: one.metric_name.slice(0, 1_000) }, middleCut(one.metric_name, 80))),
        h("td", { class: "number" }, mark(one.last)), h("td", { class: "number" }, mark(one.min)), h("td", { class: "number" }, mark(one.max)),
        h("td", { class: "number" }, count(one.count)), h("td", { class: "number" + (one.nan_count ? " status-failed" : "") }, one.nan_count ? count(one.nan_count) : ""))))));
  }

  #results() {
    const { results, summary } = this.document;
    if ((results ?? []).length === 0) {
      return empty("No results have been recorded. run.summary or results() records them.");
    }
    return h("div", { class: "stack" }, configTree(summary, "Results"), results.length > 1 ? h("details", null, h("summary", null, `How they came: ${counted(results.length, "record")}`), results.map((/** @type {any} */ one) => h("div", null, h("p", { class: "soft", title: utc(one.created_at) }, local(one.created_at)), h("pre", null, JSON.stringify(one.results, null, 2))))) : null);
  }

  #artifacts() {
    const artifacts = this.document.artifacts ?? [];
    if (artifacts.length === 0) {
      return empty("No artifact has been logged.");
    }
    return h("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "plain" },
      h("thead", null, h("tr", null, h("th", null, "Type"), h("th", null, "Path"), h("th", { class: "number" }, "Size"), h("th", null, "SHA-256"), h("th", null, "Logged"), h("th", null, "Metadata"))),
      h("tbody", null, artifacts.map((/** @type {any} */ one) => h("tr", null,
        h("td", null, h("bdi", null, one.artifact_type)), h("td", { class: "mono" }, h("bdi", null, one.filepath)),
        h("td", { class: "number", title: one.size_bytes === null ? "" : count(one.size_bytes) + " bytes" }, bytes(one.size_bytes)),
        h("td", { class: "mono", title: one.sha256 ?? "" }, one.sha256 ? String(one.sha256).slice(0, 12) + "…" : ""),
        h("td", { title: utc(one.created_at) }, local(one.created_at)), h("td", { class: "mono" }, one.metadata ? plain(one.metadata) : ""))))));
  }
}

/** @param {any} document */
function attemptsWithDrift(document) {
  return document.attempts.filter((/** @type {any} */ attempt) => attempt.config_drift && attempt.config !== undefined).map((/** @type {any} */ attempt) => attempt.config);
}
