/* Orienta on another site's page: a button that opens the chat in a frame.
   <script src="https://…/embed.js" async></script>, with data-lang and data-open where wanted.
   It sets no cookie, reads nothing of the page but its language, and loads the chat on a press. */
(function () {
  "use strict";

  const words = {{ words | tojson }};
  const script = document.currentScript;
  if (!script || window.orientaEmbedded) return;
  window.orientaEmbedded = true;

  const home = new URL(script.src).origin;
  const asked = [script.dataset.lang, document.documentElement.lang, ...(navigator.languages || [])];
  const codes = asked.map((tag) => (tag || "").toLowerCase().split("-")[0]);
  const language = codes.find((code) => words[code]) || "es";

  const style = `
    :host { all: initial; }
    [hidden] { display: none !important; }
    button {
      position: fixed; right: max(16px, env(safe-area-inset-right)); bottom: max(16px, env(safe-area-inset-bottom));
      z-index: 2147483647; box-sizing: border-box; min-height: 52px; max-width: calc(100vw - 32px); padding: 10px 20px;
      border: 2px solid #fff; border-radius: 26px; background: #0d4f57; color: #fff; cursor: pointer;
      font: 600 17px/1.3 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      box-shadow: 0 2px 10px rgb(0 0 0 / .35);
    }
    button:focus-visible { outline: 3px solid #c05500; outline-offset: 3px; }
    iframe {
      position: fixed; right: 0; bottom: 0; z-index: 2147483646; width: 100vw; height: 100vh; height: 100dvh;
      border: 0; background: #f7f3ec; color-scheme: light dark;
    }
    @media (min-width: 30rem) and (min-height: 30rem) {
      iframe {
        right: 16px; bottom: 80px; width: min(420px, calc(100vw - 32px)); height: min(640px, calc(100vh - 96px));
        border-radius: 16px; box-shadow: 0 4px 24px rgb(0 0 0 / .4);
      }
    }
    @media print { :host { display: none; } }`;

  const holder = document.createElement("div");
  const root = holder.attachShadow({ mode: "open" });
  const button = document.createElement("button");
  let frame = null;

  if (root.adoptedStyleSheets) { // also where the page's policy forbids styles of others
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
  } else {
    root.append(Object.assign(document.createElement("style"), { textContent: style }));
  }
  holder.lang = language;
  button.type = "button";
  button.textContent = words[language];
  button.setAttribute("aria-expanded", "false");
  button.addEventListener("click", () => show(!frame || frame.hidden));
  root.append(button);

  function made() {
    const address = new URL("/embed", home);
    address.searchParams.set("lang", language);
    if (script.dataset.open) address.searchParams.set("open", script.dataset.open);
    const element = document.createElement("iframe");
    element.title = words[language];
    element.allow = "geolocation";
    element.referrerPolicy = "no-referrer";
    element.src = address;
    return element;
  }

  function show(open) {
    if (open && !frame) root.append((frame = made()));
    frame.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) frame.focus();
    else {
      button.hidden = false;
      button.focus();
    }
  }

  /* On a small screen the frame covers all: the button goes once the frame has one of its own. */
  window.addEventListener("message", (event) => {
    if (event.origin !== home || !frame || event.source !== frame.contentWindow) return;
    if (event.data === "orienta:close") show(false);
    if (event.data === "orienta:ready") {
      button.hidden = !frame.hidden && frame.clientWidth >= window.innerWidth;
      if (root.activeElement === frame) frame.contentWindow.focus();
    }
  });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && frame && !frame.hidden) show(false);
  });

  if (document.body) document.body.append(holder);
  else document.addEventListener("DOMContentLoaded", () => document.body.append(holder));
})();
