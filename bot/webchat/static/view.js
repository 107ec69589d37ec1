/* Orienta: what the page shows. It knows no server: chat.js tells it what to show. */
(function () {
  "use strict";

  const log = document.getElementById("log");
  const input = document.getElementById("input");
  const menu = document.getElementById("language");
  const notice = document.getElementById("notice");
  const data = JSON.parse(document.getElementById("webchat-data").textContent);

  let language = document.documentElement.lang;
  let words = data.texts[language];
  let turn = null; // the first message of the bot since hers

  // --- words ---------------------------------------------------------------------------------

  function speak(code) {
    if (!data.texts[code]) return;
    language = code;
    words = data.texts[code];
    document.documentElement.lang = code;
    document.getElementById("language-code").textContent = code;
    menu.value = code;
    input.lang = code;
    for (const element of document.querySelectorAll("[data-text]")) {
      element.textContent = words[element.dataset.text];
    }
    for (const element of document.querySelectorAll("[data-title]")) {
      element.title = words[element.dataset.title];
    }
    for (const element of document.querySelectorAll("[data-label]")) {
      element.setAttribute("aria-label", words[element.dataset.label]);
    }
    if (notice.dataset.key) notice.textContent = words[notice.dataset.key];
  }

  /* Show a sentence of ours by its key, or one of the server; nothing hides it. */
  function tell(key, sentence) {
    const text = sentence || (key ? words[key] : "");
    notice.dataset.key = sentence ? "" : key || "";
    if (notice.textContent !== text) notice.textContent = text;
    notice.hidden = !text;
  }

  // --- the conversation ----------------------------------------------------------------------

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }

  function said(key) {
    const who = make("span", "unseen", words[key] ? words[key] + ": " : "Orienta: ");
    if (words[key]) who.dataset.text = key;
    return who;
  }

  function showHers(id, kind, text) {
    const bubble = make("div", "message hers");
    const body = make("span", "", text);
    if (kind === "location") body.dataset.text = "located";
    bubble.append(said("you"), body);
    bubble.dataset.id = id;
    bubble.tabIndex = -1;
    log.append(bubble);
    turn = null;
    for (const group of log.querySelectorAll(".options")) group.dataset.old = "";
    return bubble;
  }

  function bubbleOf(id) {
    for (const bubble of log.querySelectorAll(".hers")) if (bubble.dataset.id === id) return bubble;
    return null;
  }

  function mark(id, key) {
    const bubble = bubbleOf(id);
    if (!bubble) return;
    const old = bubble.querySelector(".state");
    if (old) old.remove();
    bubble.classList.toggle("unsent", Boolean(key));
    if (!key) return;
    const state = make("span", "state", words[key]);
    state.dataset.text = key;
    bubble.append(state);
  }

  function showBot(reply, does) {
    for (const group of log.querySelectorAll(".options[data-old]")) dropOptions(group);
    const bubble = make("div", "message bot" + (reply.urgent ? " urgent" : ""));
    bubble.lang = reply.language;
    bubble.append(said("orienta"));
    if (reply.urgent) {
      const tag = make("p", "tag");
      const sign = make("span", "", "⚠");
      const word = make("span", "", words.urgent);
      sign.setAttribute("aria-hidden", "true");
      word.dataset.text = "urgent";
      tag.lang = language;
      tag.append(sign, word);
      bubble.append(tag);
    }
    const body = make("div", "body");
    body.innerHTML = reply.html; // made by our server from approved texts, everything else escaped
    bubble.append(body);
    log.append(bubble);
    if (reply.options.length || reply.asks_location) log.append(optionsOf(reply, does));
    if (!turn) turn = bubble;
  }

  /* `does.share` and `does.choose` are what a press leads to. */
  function optionsOf(reply, does) {
    const group = make("div", "options");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", words.options);
    group.dataset.label = "options";
    group.lang = reply.language;
    if (reply.asks_location) {
      const share = make("button", "share", data.texts[reply.language].share);
      share.type = "button";
      share.addEventListener("click", () => does.share(group));
      group.append(share);
    }
    for (const option of reply.options) {
      const button = make("button", option.detail ? "long" : "", option.label);
      button.type = "button";
      if (option.detail && option.detail !== option.label) {
        button.append(make("span", "unseen", ". "), make("span", "detail", option.detail));
      }
      if (option.id.startsWith("lang:")) button.lang = option.id.slice(5);
      button.addEventListener("click", () => does.choose(option, group));
      group.append(button);
    }
    return group;
  }

  /* Take options away; tell whether somebody who goes by keyboard was among them. */
  function takeOptions(group) {
    const held = group.contains(document.activeElement);
    group.remove();
    return held;
  }

  /* Take options away without losing the place of somebody who goes by keyboard. */
  function dropOptions(group) {
    if (takeOptions(group)) log.focus({ preventScroll: true });
  }

  /* Scroll to the end, but never so far that the beginning of what the bot last said is hidden. */
  function reveal(atOnce) {
    if (turn && turn === log.firstElementChild) return;
    const end = document.documentElement.scrollHeight;
    let top = end;
    if (turn) {
      const header = document.querySelector(".top");
      const covered = getComputedStyle(header).position === "sticky" ? header.offsetHeight : 0;
      top = Math.min(end, turn.getBoundingClientRect().top + window.scrollY - covered - 12);
    }
    const still = atOnce || window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    window.scrollTo({ top: top, behavior: still ? "auto" : "smooth" });
  }

  /* Tell whether she reads near the end, so that news may move the page. */
  function readsTheEnd() {
    const below = document.documentElement.scrollHeight - window.scrollY - window.innerHeight;
    return turn === null || below < window.innerHeight;
  }

  function isEmpty() {
    return log.children.length === 0;
  }

  /* Take away all but what still waits to be sent. */
  function clear(withUnsent) {
    for (const element of Array.from(log.children)) {
      if (withUnsent || !element.classList.contains("unsent")) element.remove();
    }
    turn = null;
  }

  window.orientaView = {
    data, speak, tell, showHers, showBot, bubbleOf, mark, takeOptions, reveal, readsTheEnd,
    isEmpty, clear,
    language: () => language,
    words: () => words,
    told: (key) => notice.dataset.key === key,
    busy: (isBusy) => log.setAttribute("aria-busy", String(isBusy)),
  };
})();
