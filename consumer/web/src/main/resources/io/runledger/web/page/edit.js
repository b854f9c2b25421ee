/**
 * What a person changes: tags, notes, deletion. Each becomes an event like all others, so the
 * answer may come before the table shows it.
 * @module
 */
import { ApiError, post } from "./api.js";
import { asked, confirmed } from "./dialog.js";
import { throttled } from "./dom.js";
import { counted } from "./format.js";
import { toast } from "./notices.js";

/**
 * @param {string} run
 * @param {string} action
 * @param {object} body
 * @returns {Promise<boolean>} whether it was accepted
 */
export async function change(run, action, body) {
  try {
    const { isApplied } = await post(`runs/${encodeURIComponent(run)}/${action}`, body);
    if (!isApplied) {
      later();
    }
    return true;
  } catch (error) {
    toast(reason(error));
    return false;
  }
}

const later = throttled(5_000, () => toast("Recorded. The ledger has not applied it yet; it shows here once it has."));

/** @param {unknown} error */
function reason(error) {
  if (error instanceof ApiError && error.status === 403) {
    return "This token may only read. An editor's token is needed to change a run.";
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param {string[]} runs
 * @param {string} action
 * @param {object} body
 * @param {string|null} done what is said of them; null: nothing
 */
async function changeAll(runs, action, body, done) {
  let changed = 0;
  for (const run of runs) {
    if (!(await change(run, action, body))) {
      break;
    }
    changed++;
  }
  if (changed > 0 && done !== null) {
    toast(`${counted(changed, "run")} ${done}`);
  }
  return changed === runs.length;
}

/** @param {string[]} runs */
export async function changeTags(runs) {
  const text = await asked("Tag " + counted(runs.length, "run"), "Tags to add, separated by commas; one that starts with a minus sign is removed.", "Tag");
  const tags = (text ?? "").split(",").map((tag) => tag.trim()).filter(Boolean);
  if (tags.length > 0) {
    const remove = tags.filter((tag) => tag.startsWith("-")).map((tag) => tag.slice(1).trim());
    await changeAll(runs, "tags", { add: tags.filter((tag) => !tag.startsWith("-")), remove }, "tagged");
  }
}

/** @param {string[]} runs */
export async function deleteRuns(runs) {
  const what = counted(runs.length, "run");
  if (!(await confirmed(`Delete ${what}?`, `${what} will no longer be shown. The events stay in the log, and 'runledger restore' brings them back.`, "Delete"))) {
    return false;
  }
  const done = await changeAll(runs, "delete", {}, null);
  if (done) {
    toast(`${what} deleted`, { text: "Undo", act: () => restoreRuns(runs) });
  }
  return done;
}

/** @param {string[]} runs */
export async function restoreRuns(runs) {
  return changeAll(runs, "restore", {}, "restored");
}
