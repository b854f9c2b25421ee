/**
 * Tags and notes of a run, editable in place. What others change shows up, except under the hands
 * of somebody who is writing.
 * @module
 */
import { change } from "./edit.js";
import { fill, h } from "./dom.js";
import { middleCut } from "./format.js";
import { toast } from "./notices.js";
import { names } from "./filter-box.js";
import { isEditor, session } from "./session.js";

let editors = 0;

/**
 * @param {string} run
 * @param {string[]} tags
 */
export function tagEditor(run, tags) {
  const id = "tags-" + ++editors;
  const list = h("span", { class: "chosen" });
  const known = h("datalist", { id });
  const input = h("input", { class: "editing", type: "text", placeholder: "Add a tag", "aria-label": "Add a tag", list: id, maxlength: "1000" });
  let now = tags;
  let drawn = "";
  /** Tags whose change has been sent and not been seen yet. @type {Map<string, boolean>} */
  const sent = new Map();

  function draw() {
    const shown = [...new Set([...now, ...[...sent].filter(([, there]) => there).map(([tag]) => tag)])].filter((tag) => sent.get(tag) !== false);
    // The run is loaded again and again, and the keyboard may be on one of them.
    const stamp = JSON.stringify(shown);
    if (stamp === drawn) {
      return;
    }
    drawn = stamp;
    fill(list, shown.map((tag) => h("span", { class: "tag", title: tag.slice(0, 1_000) }, h("a", { href: "/runs?filter=" + encodeURIComponent(`tag has "${tag.replace(/[\\"]/g, "\\$&")}"`) }, h("bdi", null, middleCut(tag, 40))),
      h("button", { class: "quiet editing", type: "button", "aria-label": "Remove the tag " + tag.slice(0, 60), on: { click: () => set(tag, false) } }, "✕"))));
  }

  /**
   * @param {string} tag
   * @param {boolean} there
   */
  async function set(tag, there) {
    sent.set(tag, there);
    draw();
    if (!(await change(run, "tags", there ? { add: [tag], remove: [] } : { add: [], remove: [tag] }))) {
      sent.delete(tag);
      draw();
    }
  }

  input.addEventListener("focus", async () => {
    try {
      fill(known, (await names("tag", "")).map(({ name }) => h("option", { value: name })));
    } catch {
      // Tags can be typed.
    }
  }, { once: true });
  input.addEventListener("keydown", (event) => {
    const tag = input.value.trim();
    if (event.key === "Enter" && tag) {
      input.value = "";
      set(tag, true);
    }
  });
  draw();
  return {
    element: h("div", { class: "tag-editor" }, list, input, known),
    /** @param {string[]} newest */
    show(newest) {
      now = newest;
      for (const [tag, there] of sent) {
        if (newest.includes(tag) === there) {
          sent.delete(tag);
        }
      }
      draw();
    },
  };
}

/**
 * @param {string} run
 * @param {string} notes
 */
export function notesEditor(run, notes) {
  let saved = notes;
  /** @type {string|undefined} */
  let sent;
  const area = h("textarea", { "aria-label": "Notes", maxlength: "100000", rows: "10" });
  area.value = notes;
  session().then(() => (area.readOnly = !isEditor()), () => {});
  const save = h("button", { class: "primary", type: "button", disabled: true }, "Save");
  const state = h("span", { class: "soft", role: "status" });
  area.addEventListener("input", () => {
    save.disabled = area.value === saved;
    state.textContent = "";
  });
  const store = async () => {
    const text = area.value;
    save.disabled = true;
    // The run may be loaded again, with these notes, before the answer to this is there.
    sent = text;
    if (await change(run, "notes", { notes: text })) {
      saved = text;
      save.disabled = area.value === saved;
      state.textContent = save.disabled ? "Saved" : "";
    } else {
      save.disabled = false;
    }
  };
  save.addEventListener("click", store);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      store();
    }
  });
  return {
    element: h("div", { class: "stack" }, area, h("div", { class: "tools editing" }, save, state, h("span", { class: "soft small" }, "Ctrl+Enter saves"))),
    /** @param {string} newest */
    show(newest) {
      if (newest === saved) {
        return;
      }
      if (area.value === saved) {
        area.value = newest;
      } else if (newest !== sent) {
        toast("Somebody else has changed the notes meanwhile; saving replaces theirs.");
      }
      saved = newest;
      save.disabled = area.value === saved;
    },
  };
}
