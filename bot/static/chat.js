/* Orienta: the web chat. Plain script, no build step. Nothing that she writes is kept on the phone:
   what waits to be sent lives in this page only. */
(function () {
  "use strict";

  const data = JSON.parse(document.getElementById("webchat-data").textContent);
  const log = document.getElementById("log");
  const composer = document.getElementById("composer");
  const input = document.getElementById("input");
  const menu = document.getElementById("language");
  const typing = document.getElementById("typing");
  const notice = document.getElementById("notice");

  const LONGEST = 3000; // characters; the server takes 16 KiB
  const ANSWER_MS = 20000;
  const SILENCE_MS = 65000; // the server beats every 20 s
  const POST_MS = 20000;
  const HIDDEN_MS = 60000; // a page that nobody looks at gives its line back

  let language = document.documentElement.lang;
  let wanted = null; // the language just picked, until the bot writes in it
  let words = data.texts[language];

  let source = null;
  let session = null;
  let ready = false; // the stream has told us that the server knows our session
  let lastId = 0;
  let lastSign = 0;
  let replaying = 0;
  let wait = 1000;
  let reconnecting = null;
  let lineLost = null;
  let resting = null;

  const queue = []; // messages not yet taken by the server, in order
  let sending = false;
  let resend = null;
  let late = null;
  let replies = 0;
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

  function showBot(reply) {
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
    if (reply.options.length || reply.asks_location) log.append(optionsOf(reply));
    if (!turn) turn = bubble;
    if (wanted === null || reply.language === wanted) {
      wanted = null;
      if (reply.language !== language) speak(reply.language);
    }
  }

  function optionsOf(reply) {
    const group = make("div", "options");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", words.options);
    group.dataset.label = "options";
    group.lang = reply.language;
    if (reply.asks_location) {
      const share = make("button", "share", data.texts[reply.language].share);
      share.type = "button";
      share.addEventListener("click", () => shareLocation(group));
      group.append(share);
    }
    for (const option of reply.options) {
      const button = make("button", option.detail ? "long" : "", option.label);
      button.type = "button";
      if (option.detail && option.detail !== option.label) {
        button.append(make("span", "unseen", ". "), make("span", "detail", option.detail));
      }
      if (option.id.startsWith("lang:")) button.lang = option.id.slice(5);
      button.addEventListener("click", () => choose(option, group));
      group.append(button);
    }
    return group;
  }

  /* Take options away without losing the place of somebody who goes by keyboard. */
  function dropOptions(group) {
    const held = group.contains(document.activeElement);
    group.remove();
    if (held) log.focus({ preventScroll: true });
  }

  /* Scroll to the end, but never so far that the beginning of what the bot last said is hidden. */
  function reveal() {
    if (turn && turn === log.firstElementChild) return;
    const end = document.documentElement.scrollHeight;
    let top = end;
    if (turn) {
      const header = document.querySelector(".top");
      const covered = getComputedStyle(header).position === "sticky" ? header.offsetHeight : 0;
      top = Math.min(end, turn.getBoundingClientRect().top + window.scrollY - covered - 12);
    }
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches || replaying > 0;
    window.scrollTo({ top: top, behavior: still ? "auto" : "smooth" });
  }

  // --- what she does -------------------------------------------------------------------------

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs HTTPS
    return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  }

  function post(message, shown) {
    message.id = newId();
    message.language = language;
    const bubble = shown ? showHers(message.id, message.kind, shown) : null;
    const before = replies;
    queue.push({ message: message, isAnswered: () => replies > before });
    if (shown) reveal();
    flush();
    return bubble;
  }

  function send() {
    const text = input.value.trim();
    if (!text) {
      input.focus();
      return;
    }
    if (text.length > LONGEST) {
      tell("too_long");
      return;
    }
    if (notice.dataset.key === "too_long") tell("");
    input.value = "";
    grow();
    post({ kind: "text", text: text }, text);
  }

  function choose(option, group) {
    const held = group.contains(document.activeElement);
    group.remove();
    if (option.id.startsWith("lang:")) pick(option.id.slice(5));
    const message = { kind: "choice", choice: option.id, label: option.label };
    const bubble = post(message, option.label);
    if (held) bubble.focus({ preventScroll: true });
  }

  function pick(code) {
    if (!data.texts[code]) return;
    wanted = code;
    speak(code);
  }

  function shareLocation(group) {
    if (!navigator.geolocation || !window.isSecureContext) {
      tell("no_location");
      return;
    }
    tell("locating");
    navigator.geolocation.getCurrentPosition(
      (place) => {
        if (notice.dataset.key === "locating") tell("");
        const held = group.contains(document.activeElement);
        group.remove();
        // About 100 m: enough to find an office, no more than needed.
        const rounded = (degrees) => Math.round(degrees * 1000) / 1000;
        const message = {
          kind: "location",
          lat: rounded(place.coords.latitude),
          lon: rounded(place.coords.longitude),
        };
        const bubble = post(message, words.located);
        if (held) bubble.focus({ preventScroll: true });
      },
      () => tell("no_location"),
      { timeout: 15000, maximumAge: 300000 }
    );
  }

  function leave() {
    rest();
    hasLeft(true);
    endSession().catch(() => {}); // goes on after the page is gone
    log.textContent = "";
    input.value = "";
    document.title = "…";
    window.location.replace(data.leave_to);
  }

  /* End the session on the server, which also takes the cookie away: no script can. */
  function endSession() {
    return fetch("/webchat/leave", { method: "POST", keepalive: true });
  }

  /* Remember over a page that she left: without a connection the session is still to be ended. */
  function hasLeft(left) {
    try {
      if (left) localStorage.setItem("left", "1");
      if (left === false) localStorage.removeItem("left");
      return localStorage.getItem("left") !== null;
    } catch (error) {
      return false; // storage is switched off
    }
  }

  async function begin() {
    if (hasLeft()) {
      try {
        if ((await endSession()).ok) hasLeft(false);
      } catch (error) {
        tell("offline");
        setTimeout(begin, nextWait());
        return;
      }
    }
    connect();
  }

  // --- sending -------------------------------------------------------------------------------

  async function flush() {
    if (sending || !ready) {
      if (queue.length && !isOnline()) waitForLine();
      return;
    }
    sending = true;
    clearTimeout(resend);
    try {
      while (queue.length && (await sendFirst()));
    } finally {
      sending = false;
    }
  }

  /* Send the first message; tell whether to go on with the next. */
  async function sendFirst() {
    const { message, isAnswered } = queue[0];
    let answer, body;
    try {
      answer = await request(message);
      body = await answer.json();
    } catch (error) {
      waitForLine();
      later(nextWait());
      return false;
    }
    if (answer.status === 202) {
      queue.shift();
      mark(message.id, "");
      wait = 1000;
      if (notice.dataset.key !== "no_location") tell("");
      if (!isAnswered()) expectAnswer();
      if (body.session !== session) connect();
      return true;
    }
    if (answer.status === 401) {
      connect(); // the stream begins a new session, then this is sent again
    } else if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
      tell("", body.sentence);
      mark(message.id, "queued");
      later(1000 * Number(answer.headers.get("Retry-After")) || nextWait());
    } else {
      queue.shift();
      mark(message.id, "failed");
      tell("", body.sentence);
      return true;
    }
    return false;
  }

  function request(message) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), POST_MS);
    return fetch("/webchat/messages", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language },
      body: JSON.stringify(message),
      signal: control.signal,
    }).finally(() => clearTimeout(timer));
  }

  function later(ms) {
    clearTimeout(resend);
    resend = setTimeout(flush, ms);
  }

  function nextWait() {
    wait = Math.min(wait * 2, 30000);
    return wait;
  }

  function isOnline() {
    return source !== null && source.readyState === EventSource.OPEN;
  }

  function waitForLine() {
    for (const { message } of queue) mark(message.id, "queued");
    typing.hidden = true;
    tell("offline");
  }

  function expectAnswer() {
    typing.hidden = false;
    clearTimeout(late);
    late = setTimeout(() => {
      typing.hidden = true;
      tell("slow");
    }, ANSWER_MS);
  }

  function answered() {
    replies += 1;
    clearTimeout(late);
    typing.hidden = true;
    if (notice.dataset.key === "slow") tell("");
  }

  // --- the stream ----------------------------------------------------------------------------

  function connect() {
    clearTimeout(reconnecting);
    if (source) source.close();
    ready = false;
    lastSign = Date.now();
    source = new EventSource("/webchat/stream?after=" + lastId);
    source.addEventListener("hello", (event) => greeted(JSON.parse(event.data)));
    source.addEventListener("reply", (event) => arrived(event, showReply));
    source.addEventListener("mine", (event) => arrived(event, showMine));
    source.addEventListener("beat", () => { lastSign = Date.now(); });
    source.onerror = () => {
      ready = false;
      clearTimeout(lineLost);
      if (queue.length || !navigator.onLine) waitForLine();
      else lineLost = setTimeout(() => tell("offline"), 5000);
      // A refused stream (too many pages, a server going down) is not opened again by itself.
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(reconnecting);
        reconnecting = setTimeout(connect, nextWait());
      }
    };
  }

  function rest() {
    clearTimeout(resting);
    clearTimeout(reconnecting);
    clearTimeout(lineLost);
    if (source) source.close();
    ready = false;
  }

  function greeted(hello) {
    lastSign = Date.now();
    wait = 1000;
    ready = true;
    clearTimeout(lineLost);
    if (session !== null && session !== hello.session && log.children.length) closed();
    session = hello.session;
    replaying = hello.kept;
    log.setAttribute("aria-busy", String(replaying > 0));
    if (notice.dataset.key === "offline") tell("");
    if (!replaying && !log.children.length && !queue.length) {
      post({ kind: "command", command: "start" }, "");
    } else {
      flush();
    }
  }

  /* The session was ended elsewhere (another tab, cookies erased): what stands here goes too. */
  function closed() {
    for (const element of Array.from(log.children)) {
      if (!element.classList.contains("unsent")) element.remove();
    }
    tell("renewed");
  }

  function arrived(event, show) {
    lastSign = Date.now();
    const id = Number(event.lastEventId);
    if (id > lastId) {
      lastId = id;
      show(JSON.parse(event.data));
    }
    if (replaying > 0 && --replaying === 0) {
      log.setAttribute("aria-busy", "false");
      reveal();
    }
  }

  function showReply(reply) {
    answered();
    const reading = document.documentElement.scrollHeight - window.scrollY - window.innerHeight;
    const follows = turn === null || reading < window.innerHeight;
    showBot(reply);
    if (follows) reveal();
  }

  function showMine(mine) {
    if (bubbleOf(mine.id)) mark(mine.id, "");
    else {
      showHers(mine.id, mine.kind, mine.kind === "location" ? words.located : mine.text);
      reveal();
    }
  }

  // --- start ---------------------------------------------------------------------------------

  function grow() {
    input.style.height = "auto";
    input.style.height = input.scrollHeight + 3 + "px";
  }

  /* With very large text or a very low screen the bars would hide the conversation: let them scroll. */
  function makeRoom() {
    const bars = document.querySelector(".top").offsetHeight + composer.offsetHeight;
    document.body.classList.toggle("low", bars > window.innerHeight * 0.55);
  }

  function awake() {
    if (!source) return; // not begun yet
    const silent = Date.now() - lastSign > SILENCE_MS;
    if (silent || source.readyState === EventSource.CLOSED) connect();
  }

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      send();
    }
  });
  input.addEventListener("input", grow);
  menu.addEventListener("change", () => {
    const name = menu.options[menu.selectedIndex].textContent;
    pick(menu.value);
    post({ kind: "choice", choice: "lang:" + menu.value, label: name }, name);
  });
  document.getElementById("menu").addEventListener("click", () => {
    post({ kind: "choice", choice: "menu", label: words.menu }, words.menu);
  });
  document.getElementById("leave").addEventListener("click", leave);
  window.addEventListener("resize", makeRoom);
  window.addEventListener("online", () => { if (source) connect(); });
  window.addEventListener("offline", () => tell("offline"));
  document.addEventListener("visibilitychange", () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(rest, HIDDEN_MS);
    else awake();
  });
  setInterval(() => { if (!document.hidden) awake(); }, 15000);

  for (const element of document.querySelectorAll(".needs-script")) element.hidden = false;
  speak(language);
  if (window.ResizeObserver) new ResizeObserver(makeRoom).observe(composer);
  begin();
})();
