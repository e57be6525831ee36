// Calls to the JSON API with the signed-in person's cookie.

/** The server answered, and the answer is no. `body` is its JSON, `status` its number. */
export class Refused extends Error {
  constructor(status, body) {
    super(wordsOf(status, body));
    this.status = status;
    this.body = body;
  }
}

/** Nobody answered: the network, or a server that is restarting (5xx). Worth sending again. */
export class Unreachable extends Error {}

export const readJson = (url) => call("GET", url);
export const writeJson = (url, body) => call("POST", url, body);

async function call(method, url, body) {
  let answer;
  try {
    answer = await fetch(url, {
      method,
      credentials: "same-origin",
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json", "X-CSRFToken": csrfToken() }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (cause) {
    throw new Unreachable("No connection to the server", { cause });
  }
  if (answer.status >= 500) throw new Unreachable(`The server answered ${answer.status}`);
  const json = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(answer.status, json);
  return json;
}

/** All rows of a paged list, following `next`. */
export async function readAll(url) {
  const rows = [];
  for (let next = url; next; ) {
    const page = await readJson(next);
    rows.push(...page.results);
    next = page.next && new URL(page.next, location.href).pathname + new URL(page.next, location.href).search;
  }
  return rows;
}

/** A UUID made here. `crypto.randomUUID` is missing on plain http addresses other than localhost. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [8, 12, 16, 20].reduceRight((text, cut) => `${text.slice(0, cut)}-${text.slice(cut)}`, hex);
}

function csrfToken() {
  const cookie = document.cookie.split("; ").find((part) => part.startsWith("csrftoken="));
  if (cookie) return decodeURIComponent(cookie.slice("csrftoken=".length));
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** The API's own words: `message`, `detail`, or each field with what is wrong with it. */
function wordsOf(status, body) {
  if (!body) return `The server refused this (${status})`;
  if (typeof body.message === "string") return body.message;
  if (typeof body.detail === "string") return body.detail;
  if (Array.isArray(body.rejected)) return body.rejected.map((row) => row.message).join(" ");
  return Object.entries(fieldErrors(body))
    .map(([field, words]) => `${field}: ${words}`)
    .join("; ");
}

/** Field to words, from a 400 or 422 answer in either of the API's shapes. */
export function fieldErrors(body) {
  if (!body || typeof body !== "object") return {};
  if (Array.isArray(body.rejected)) {
    return Object.fromEntries(body.rejected.filter((row) => row.field).map((row) => [row.field, row.message]));
  }
  const source = body.errors && typeof body.errors === "object" ? body.errors : body;
  return Object.fromEntries(
    Object.entries(source)
      .filter(([field]) => !["code", "message", "detail", "missing"].includes(field))
      .map(([field, words]) => [field, Array.isArray(words) ? words.join(" ") : String(words)]),
  );
}
