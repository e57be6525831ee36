/* Calls to our own server: JSON in, JSON out, with the CSRF token of the page, and errors in words. */

const LONGEST_WAIT_MS = 15_000;

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

/** What a refusal says, in the server's words where it gave any. */
function refusal(status, body) {
  if (typeof body?.message === "string") return body.message;
  if (typeof body?.detail === "string") return body.detail;
  if (status === 401 || status === 403) return "you are signed out, or may not do this";
  if (status === 404) return "it is no longer there";
  return `the server answered ${status}`;
}

async function call(method, url, body) {
  let response;
  try {
    response = await fetch(url, {
      method,
      credentials: "same-origin",
      signal: AbortSignal.timeout(LONGEST_WAIT_MS),
      headers: {
        Accept: "application/json",
        ...(method === "GET" ? {} : { "Content-Type": "application/json", "X-CSRFToken": token() }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    const slow = error.name === "TimeoutError";
    return { ok: false, status: 0, body: null, message: slow ? "the server did not answer in time" : "the server cannot be reached" };
  }
  let answer = null;
  try {
    answer = await response.json();
  } catch {
    // An error page in HTML, or no body: the status speaks for itself.
  }
  return { ok: response.ok, status: response.status, body: answer, message: response.ok ? "" : refusal(response.status, answer) };
}

/** GET `url`: {ok, status (0 when unreachable), body, message}. Never throws. */
export const get = (url) => call("GET", url);

/** POST `body` as JSON to `url`: {ok, status, body, message}. Never throws. */
export const post = (url, body) => call("POST", url, body);

/** The same with another method, such as PATCH. */
export const send = (method, url, body) => call(method, url, body);
