// One's own browser on the alerting page: asks for permission only at a tap, and subscribes with the installation's
// key. And the secret of a new webhook, shown until somebody says that it is kept.

import { writeJson } from "./api.js";
import { whileInert } from "./dom.js";

const KEPT = "vigil.push-target"; // which of the listed browsers is this one
const card = document.getElementById("push");
const state = document.getElementById("push-state");
const here = document.getElementById("push-here");

function remembered() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function remember(id) {
  try {
    localStorage.setItem(KEPT, id);
  } catch {
    // not kept: the list then does not mark this browser, and all else works
  }
}

function say(words) {
  state.textContent = words;
  state.hidden = !words;
}

function bytesOf(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const canPush = () => isSecureContext && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") {
    say("This browser does not allow notifications from here: change it in its settings for this page.");
    return;
  }
  await navigator.serviceWorker.register(card.dataset.worker);
  const registration = await active(card.dataset.worker);
  const given = (
    await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(card.dataset.key) })
  ).toJSON();
  const name = navigator.userAgentData?.platform || navigator.platform || "";
  const { id } = await writeJson("/api/v1/alerting/browser/", { endpoint: given.endpoint, keys: { p256dh: given.keys.p256dh, auth: given.keys.auth }, name });
  remember(id);
  location.reload();
}

/** The registration of our worker once it runs; the page itself lies outside its scope, so `ready` never comes. */
async function active(script) {
  const registration = await navigator.serviceWorker.getRegistration(script);
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  if (worker.state !== "activated") {
    await new Promise((done) => worker.addEventListener("statechange", () => worker.state === "activated" && done()));
  }
  return registration;
}

function showPush() {
  const mine = card.querySelector(`[data-target="${CSS.escape(remembered() ?? "")}"]`);
  if (mine) mine.querySelector("[data-this]").hidden = false;
  if (!canPush()) say("This browser cannot be pushed to: that needs https and a browser that takes push messages.");
  else here.hidden = Boolean(mine) && Notification.permission === "granted";
  here.addEventListener("click", () =>
    whileInert(here, async () => {
      say("");
      try {
        await subscribe();
      } catch (error) {
        say(error.body?.message ?? `The browser’s push service did not answer (${error.name}). Try again, or use e-mail.`);
      }
    }),
  );
}

function showSecret() {
  const box = document.getElementById("secret");
  document.getElementById("add-webhook").addEventListener("sent", (event) => {
    box.querySelector("[data-part=name]").textContent = event.detail.name;
    box.querySelector("[data-part=secret]").textContent = event.detail.secret;
    box.hidden = false;
    event.target.hidden = true;
    document.getElementById("secret-kept").focus();
  });
  document.getElementById("secret-kept").addEventListener("click", () => location.reload());
}

if (card) showPush();
if (document.getElementById("secret")) showSecret();
