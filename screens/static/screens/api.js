// The JSON API as this page's modules use it: an answer, or one of two errors.

import { get, send } from "./server.js";

/** The server answered, and the answer is no. `body` is its JSON, `status` its number. */
export class Refused extends Error {
  constructor({ status, body, message }) {
    super(rejectedWords(body) ?? message);
    this.status = status;
    this.body = body;
  }
}

/** Nobody answered: the network, or a server that is restarting (5xx). Worth sending again. */
class Unreachable extends Error {}

export const readJson = async (url) => bodyOf(await get(url));
export const writeJson = async (url, body, method = "POST") => bodyOf(await send(method, url, body));

function bodyOf(answer) {
  if (answer.ok) return answer.body;
  if (answer.status === 0 || answer.status >= 500) throw new Unreachable(answer.message);
  throw new Refused(answer);
}

/** A refused reading names each field; the words of all of them, or null for another kind of answer. */
const rejectedWords = (body) =>
  Array.isArray(body?.rejected) && body.rejected.length ? body.rejected.map((row) => row.message).join(" ") : null;

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

/** Field to words, from a refusal that names its fields: one, several, or those of a reading. */
export function fieldErrors(body) {
  if (!body || typeof body !== "object") return {};
  if (Array.isArray(body.rejected)) {
    return Object.fromEntries(body.rejected.filter((row) => row.field).map((row) => [row.field, row.message]));
  }
  if (body.fields) {
    return Object.fromEntries(Object.entries(body.fields).map(([field, words]) => [field, [words].flat().join(" ")]));
  }
  return body.field ? { [body.field]: body.message } : {};
}
