// Keys of the annotator, and coming back after the connection was lost.
(function () {
  "use strict";

  // Letters and numbers; what they mean the server knows.
  const KEY = /^[a-z1-9]$/i;
  const LOST = "saim-lost";
  const SECONDS_BETWEEN_TRIES = 1;

  function typing(element) {
    return element.closest("input, textarea, select, [contenteditable=true]") !== null
      && !["checkbox", "radio", "range"].includes(element.type);
  }

  function press(key) {
    window.trame.trigger("press_key", [key]);
  }

  window.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.repeat && !"sd".includes(event.key.toLowerCase())) return;
    if (typing(event.target) || document.querySelector(".v-overlay--active [role=dialog]")) return;
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

  // All state is on the server: the page as it was is a reload away.
  setInterval(async () => {
    if (!document.getElementById(LOST)) return;
    try {
      await fetch("/", { cache: "no-store" });
      window.location.reload();
    } catch (error) {
      // Not yet.
    }
  }, 1000 * SECONDS_BETWEEN_TRIES);
})();
