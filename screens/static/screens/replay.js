// Follows a replay of limits that goes on: how far it is, by asking each second; at its end the page shows what came of it.

import { readJson } from "./api.js";
import { setAttribute, setWords } from "./dom.js";

const EVERY_MS = 1000;
// after so many answers in a row that did not come, the words say so
const SILENT_AFTER = 3;

const box = document.querySelector("[data-replay]");

function show({ state, done, of }) {
  setAttribute(box.querySelector("progress"), "value", done);
  setWords(box.querySelector("[data-words]"), state === "waiting" ? "Waiting for a worker" : `${done} of ${of} sessions`);
}

async function follow() {
  let silent = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    try {
      const replay = await readJson(`/api/v1/replays/${box.dataset.replay}/`);
      silent = 0;
      if (replay.ended_at) return location.reload();
      show(replay);
    } catch (error) {
      silent += 1;
      if (silent >= SILENT_AFTER) setWords(box.querySelector("[data-words]"), `No answer from the server: ${error.message}`);
    }
  }
}

if (box) void follow();
