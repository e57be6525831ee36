// Forms and buttons of the desk and record pages: each sends its fields as JSON to the API and says what comes back.
//
//   <form data-post="/api/v1/…" data-then="reload">     fields by name; data-type="number|boolean|json|list|clinic-time"
//   <button data-post="/api/v1/…" data-body='{"…": …}'>          one tap
//
// A name with a dot goes into an object ("answers.escort"), one with a number into a list ("told.0.who"). Empty fields are
// left out, save those with `data-keep`, which are sent empty, or as null or []; and so is a clinic-time (datetime-local, in the
// clinic's zone) that nobody changed: it would lose its seconds. `data-method` is POST (default), PATCH or DELETE. `data-then` is
// "reload" (default)
// or an address. Refusals are shown beside their field, or in the form's [role=alert] with what is missing.

import { Refused, fieldErrors, writeJson } from "./api.js";
import { atClinicTime } from "./clinic-clock.js";
import { el, whileInert } from "./dom.js";
import { icon } from "./icons.js";

/** The form's fields as the body of a call. */
export function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.matches(":disabled")) continue;
    const value = valueOf(field);
    if (value !== undefined) put(body, field.name.split("."), value);
  }
  return whole(body);
}

function put(body, [name, ...rest], value) {
  if (!rest.length) body[name] = value;
  else put((body[name] ??= /^\d+$/.test(rest[0]) ? [] : {}), rest, value);
}

/** The same, its lists without the places that nobody filled. */
function whole(value) {
  if (Array.isArray(value)) return value.filter(() => true).map(whole);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, whole(inner)]));
}

/** What an empty field with `data-keep` is sent as, where that is no empty text. */
const EMPTY = { null: () => null, list: () => [] };

/** What a field says; undefined for one that says nothing. */
function valueOf(field) {
  if (field.type === "radio") return field.checked ? typed(field) : undefined;
  if (field.type === "checkbox") return field.checked ? (field.value === "on" ? true : typed(field)) : field.dataset.type === "boolean" ? false : undefined;
  if (field.value.trim() === "") return "keep" in field.dataset ? (EMPTY[field.dataset.keep] ?? (() => ""))() : undefined;
  if (field.dataset.type === "clinic-time") return field.value === field.defaultValue ? undefined : momentOf(field.value);
  return typed(field);
}

const momentOf = (local) => new Date(atClinicTime(...local.slice(0, 16).split("T"))).toISOString();

function typed(field) {
  const text = field.value.trim();
  if (field.dataset.type === "number") {
    const number = Number(text.replace(",", "."));
    return Number.isNaN(number) ? text : number; // what is no number goes to the server, which names the rule
  }
  if (field.dataset.type === "boolean") return text === "true" || text === "on";
  if (field.dataset.type === "json") return JSON.parse(text);
  if (field.dataset.type === "list") return text.split(",").map((one) => one.trim()).filter(Boolean);
  return text;
}

async function send(source, button, body) {
  clear(source);
  await whileInert(button, async () => {
    try {
      const answer = await writeJson(source.dataset.post, body, source.dataset.method);
      source.dispatchEvent(new CustomEvent("sent", { detail: answer, bubbles: true }));
      const then = source.dataset.then ?? "reload";
      if (then === "reload") location.reload();
      else if (then !== "stay") location.assign(then.replaceAll("{id}", answer?.id ?? ""));
    } catch (error) {
      say(source, error);
    }
  });
}

/** Take back what was said of an earlier try. */
export function clear(source) {
  for (const node of source.querySelectorAll("[data-error-of]")) node.remove();
  for (const field of source.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  alertOf(source)?.replaceChildren();
}

const alertOf = (source) =>
  source.querySelector("[role=alert]") ?? source.closest("[data-said]")?.querySelector("[role=alert]") ?? document.getElementById("said");

/** Say a refusal beside the fields it names, else in the form's [role=alert]. */
export function say(source, error) {
  const byField = error instanceof Refused ? fieldErrors(error.body) : {};
  let said = false;
  for (const [name, words] of Object.entries(byField)) {
    const field = source.elements?.namedItem(name);
    const node = field instanceof RadioNodeList ? field[0] : field;
    if (!node?.closest) continue;
    node.setAttribute("aria-invalid", "true");
    (node.closest(".field") ?? node.parentElement).append(el("p.error", { data: { errorOf: name } }, words));
    said = true;
  }
  const missing = error instanceof Refused ? (error.body?.missing ?? []) : [];
  if (said && !missing.length) return;
  const box = alertOf(source);
  if (!box) return;
  box.hidden = false;
  box.replaceChildren(
    el("p.form-error", {}, icon("triangle-alert"), el("span", {}, error.message)),
    ...(missing.length ? [el("div.missing", {}, el("p.strong", {}, "Still missing"), el("ul", {}, missing.map((words) => el("li", {}, words))))] : []),
  );
  box.scrollIntoView({ block: "nearest" });
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-post]");
  if (!form) return;
  event.preventDefault();
  void send(form, event.submitter ?? form, { ...bodyOf(form), ...(event.submitter?.dataset.body ? JSON.parse(event.submitter.dataset.body) : {}) });
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-post]");
  if (button) void send(button, button, JSON.parse(button.dataset.body ?? "{}"));
});
