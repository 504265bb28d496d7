// Keys of the annotator, and coming back after the connection was lost.
(function () {
  "use strict";

  // Letters and numbers; what they mean the server knows.
  const KEY = /^[a-z1-9]$/i;
  const LOST = "saim-lost", OPEN = "saim-open-series";
  // Keys mean something there.
  const BUSY = ".v-overlay--active [role=dialog], .v-overlay--active.v-menu";
  const SECONDS_BETWEEN_TRIES = 1, SECONDS_BETWEEN_QUESTIONS = 10, SECONDS_TO_ANSWER = 15;

  function lost() {
    return document.getElementById(LOST) !== null;
  }

  function typing(element) {
    return element.closest("input, textarea, select, [contenteditable=true]") !== null
      && !["checkbox", "radio", "range"].includes(element.type);
  }

  function press(key) {
    window.trame.trigger("press_key", [key]);
  }

  window.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.repeat && !"sd".includes(event.key.toLowerCase())) return;
    if (typing(event.target) || document.querySelector(BUSY)) return;
    if (event.ctrlKey) {
      const key = { z: event.shiftKey ? "y" : "z", y: "y" }[event.key.toLowerCase()];
      if (key === undefined) return;
      event.preventDefault();
      press(key);
    } else if (event.key === "?") {
      window.trame.state.set("help", true);
    } else if (KEY.test(event.key) && !event.shiftKey) {
      press(event.key);
    }
  }, { capture: true });

  // The views have their own meaning for it.
  window.addEventListener("contextmenu", (event) => {
    if (event.target.closest(".saim-view")) event.preventDefault();
  });

  // How many of the screen's pixels make one of the page's, for dots of the same size everywhere.
  setInterval(() => {
    const state = window.trame?.state;
    if (state?.get("seat") === "editing" && state.get("pixel_ratio") !== window.devicePixelRatio) {
      state.set("pixel_ratio", window.devicePixelRatio);
    }
  }, 1000 * SECONDS_BETWEEN_TRIES);

  // A connection may die without a word, as when a laptop sleeps: it is asked now and then.
  setInterval(async () => {
    const { client, state } = window.trame ?? {};
    if (lost() || !client?.isConnected()) return;
    const session = client.getConnection().getSession();
    const late = setTimeout(() => {
      // The browser itself says it a minute later.
      session.close();
      state.set("trame__template_main", state.get("trame__template_error"));
    }, 1000 * SECONDS_TO_ANSWER);
    try {
      await session.call("saim.alive", []);
    } catch (error) {
      // Then it is seen to be closed.
    } finally {
      clearTimeout(late);
    }
  }, 1000 * SECONDS_BETWEEN_QUESTIONS);

  // All state is on the server: the page as it was is a reload away. Where the server is another
  // one by then, the series that was open here is opened again.
  let trying = false;
  setInterval(async () => {
    if (!lost() || trying) return;
    trying = true;
    sessionStorage.setItem(OPEN, window.trame.state.get("series") || "");
    try {
      await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(1000 * SECONDS_TO_ANSWER) });
      window.location.reload();
    } catch (error) {
      trying = false;
    }
  }, 1000 * SECONDS_BETWEEN_TRIES);

  const coming = setInterval(() => {
    const state = window.trame?.state;
    if (!state?.get("seat")) return;
    clearInterval(coming);
    const open = sessionStorage.getItem(OPEN);
    sessionStorage.removeItem(OPEN);
    if (open && state.get("seat") === "editing" && !state.get("series") && !state.get("awaited")) {
      window.trame.trigger("open_series", [open]);
    }
  }, 100);
})();
