/**
 * Keys, and the filter language in a screen.
 * @module
 */
import { dialog } from "./dialog.js";
import { h } from "./dom.js";

const KEYS = [
  ["/", "go to the filter"],
  ["j k", "next and previous run"],
  ["x", "select the run"],
  ["c", "compare the selected runs"],
  ["Enter", "open the run"],
  ["Esc", "leave a field; clear the selection"],
  ["?", "this help"],
];

const EXAMPLES = [
  ["status = failed and started > 2d", "failed, and started in the last two days"],
  ["config.optimizer.lr < 0.01", "a value of the configuration"],
  ["metric.val/loss.min < 0.3", "a metric's last min max best count nan_count"],
  ["tag has grid and not name ~ test", "tags; names that do not contain a text"],
  ["method in (ewc, replay) and seed != 3", "parts of the run key"],
  ["error.type = OutOfMemoryError", "any error that was logged"],
  ["host = node17 or job.partition = gpu", "where it ran"],
  ["took > 6h and missing > 0", "how long; events that have not come"],
  ['config."a.b" is null', "quotes for names with dots, spaces, brackets"],
];

export function showHelp() {
  if (document.querySelector("dialog[open]")) {
    return;
  }
  dialog("Help", [
    h("h2", null, "Keys"),
    h("table", { class: "plain" }, h("tbody", null, KEYS.map(([keys, text]) => h("tr", null, h("td", null, keys.split(" ").map((key) => [h("kbd", null, key), " "]).flat()), h("td", null, text))))),
    h("h2", null, "Filter"),
    h("table", { class: "plain" }, h("tbody", null, EXAMPLES.map(([filter, text]) => h("tr", null, h("td", null, h("a", { href: "/runs?filter=" + encodeURIComponent(filter) }, h("code", null, filter))), h("td", null, text))))),
    h("p", { class: "soft" }, "and, or, not, ( ), = != < <= > >=, ~ contains, has, in (a, b), is null. In charts: drag to zoom, double-click to zoom out. The same filters work in the terminal: runledger list --filter '…'."),
  ]);
}
