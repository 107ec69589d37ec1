/* Orienta: the web chat. Plain script, no build step. Nothing that she writes is kept on the phone:
   what waits to be sent lives in this page only. */
(function () {
  "use strict";

  const view = window.orientaView;
  const composer = document.getElementById("composer");
  const input = document.getElementById("input");
  const menu = document.getElementById("language");
  const typing = document.getElementById("typing");

  const embedded = view.data.embedded; // in a frame of somebody else's page
  const STORED = "orienta-frame"; // where the frame keeps the secret of its session

  const LONGEST = 3000; // characters; the server takes 16 KiB
  const ANSWER_MS = 20000;
  const SILENCE_MS = 65000; // the server beats every 20 s
  const POST_MS = 20000;
  const HIDDEN_MS = 60000; // a page that nobody looks at gives its line back

  let token = embedded ? ownToken() : "";
  let opening = asked(); // what the address asks to be opened, until it was

  let wanted = null; // the language just picked, until the bot writes in it

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
  let unknown = 0; // times in a row that the server did not know the session
  let late = null;
  let replies = 0;

  // --- where the page stands -----------------------------------------------------------------

  /* A frame of another site gets none of our usual cookies. Its secret lies where only the frame's
     own scripts can read it and where it dies with the tab; where a browser gives frames no storage,
     in a cookie of this frame on this site alone; and else it lasts as long as this page. */
  function ownToken() {
    const cookie = new RegExp("(?:^|; )" + STORED + "=([A-Za-z0-9_-]{43})(?:;|$)").exec(document.cookie);
    try {
      return sessionStorage.getItem(STORED) || newToken();
    } catch (error) {
      return cookie ? cookie[1] : newToken();
    }
  }

  function newToken() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    const made = btoa(String.fromCharCode(...bytes)).replace(/[+]/g, "-").replace(/[/]/g, "_").replace(/=/g, "");
    try {
      sessionStorage.setItem(STORED, made);
    } catch (error) {
      keepCookie(made, "");
    }
    return made;
  }

  function keepCookie(value, more) {
    document.cookie = STORED + "=" + value + "; Path=/embed; Secure; SameSite=None; Partitioned" + more;
  }

  function sessionHeaders() {
    return embedded ? { "X-Orienta-Session": token } : {};
  }

  /* /?open=health/pregnancy, as posters and pages link to it; a reload asks for nothing again. */
  function asked() {
    const given = new URLSearchParams(window.location.search).get("open") || "";
    if (window.location.search && !embedded) history.replaceState(null, "", "/");
    return /^[a-z0-9-]+([/][a-z0-9-]+)?$/.test(given) && given.length <= 64 ? given : "";
  }

  function tellHost(word) {
    if (embedded) window.parent.postMessage("orienta:" + word, "*"); // nothing of hers is in it
  }

  // --- what she does -------------------------------------------------------------------------

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs HTTPS
    return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  }

  function post(message, shown) {
    message.id = newId();
    message.language = view.language();
    const bubble = shown ? view.showHers(message.id, message.kind, shown) : null;
    const before = replies;
    queue.push({ message: message, isAnswered: () => replies > before });
    if (shown) view.reveal(replaying > 0);
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
      view.tell("too_long");
      return;
    }
    if (view.told("too_long")) view.tell("");
    input.value = "";
    grow();
    post({ kind: "text", text: text }, text);
  }

  function choose(option, group) {
    const held = view.takeOptions(group);
    if (option.id.startsWith("lang:")) pick(option.id.slice(5));
    const message = { kind: "choice", choice: option.id, label: option.label };
    const bubble = post(message, option.label);
    if (held) bubble.focus({ preventScroll: true });
  }

  function pick(code) {
    if (!view.data.texts[code]) return;
    wanted = code;
    view.speak(code);
  }

  function shareLocation(group) {
    if (!navigator.geolocation || !window.isSecureContext) {
      view.tell("no_location");
      return;
    }
    view.tell("locating");
    navigator.geolocation.getCurrentPosition(
      (place) => {
        if (view.told("locating")) view.tell("");
        const held = view.takeOptions(group);
        // About 100 m: enough to find an office, no more than needed.
        const rounded = (degrees) => Math.round(degrees * 1000) / 1000;
        const message = {
          kind: "location",
          lat: rounded(place.coords.latitude),
          lon: rounded(place.coords.longitude),
        };
        const bubble = post(message, view.words().located);
        if (held) bubble.focus({ preventScroll: true });
      },
      () => view.tell("no_location"),
      { timeout: 15000, maximumAge: 300000 }
    );
  }

  function leave() {
    rest();
    const remembered = hasLeft(true);
    endSession().catch(() => {}); // goes on after the page is gone
    if (embedded && !remembered) keepCookie("", "; Max-Age=0");
    view.clear(true);
    input.value = "";
    document.title = "…";
    if (embedded) window.top.location.replace(view.data.leave_to);
    else window.location.replace(view.data.leave_to);
  }

  /* End the session on the server, which also takes the cookie away: no script can. */
  function endSession() {
    return fetch("/webchat/leave", { method: "POST", keepalive: true, headers: sessionHeaders() });
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
      let answer = null;
      try {
        answer = await endSession();
      } catch (error) {
        view.tell("offline");
      }
      if (answer === null || answer.status === 429) {
        setTimeout(begin, nextWait());
        return;
      }
      if (answer.ok) {
        hasLeft(false);
        if (embedded) token = newToken();
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
      view.mark(message.id, "");
      wait = 1000;
      unknown = 0;
      if (!view.told("no_location")) view.tell("");
      if (!isAnswered()) expectAnswer();
      if (body.session !== session) connect();
      return true;
    }
    if (answer.status === 401) {
      renewSession(message, body.sentence);
    } else if (answer.status === 429 || answer.status === 408 || answer.status >= 500) {
      view.tell("", body.sentence);
      view.mark(message.id, "queued");
      later(1000 * Number(answer.headers.get("Retry-After")) || nextWait());
    } else {
      queue.shift();
      view.mark(message.id, "failed");
      view.tell("", body.sentence);
      return true;
    }
    return false;
  }

  /* The stream begins a new session, then the message is sent again. Where the browser takes no
     cookies that would go round and round, so from the second time on it waits. */
  function renewSession(message, sentence) {
    unknown += 1;
    if (unknown === 1) {
      connect();
      return;
    }
    rest();
    view.mark(message.id, "queued");
    view.tell("", sentence);
    reconnecting = setTimeout(connect, Math.min(1000 * 2 ** unknown, 60000));
  }

  function request(message) {
    const control = new AbortController();
    const timer = setTimeout(() => control.abort(), POST_MS);
    return fetch("/webchat/messages", {
      method: "POST",
      headers: Object.assign(
        { "Content-Type": "application/json", "Accept-Language": view.language() },
        sessionHeaders()
      ),
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
    for (const { message } of queue) view.mark(message.id, "queued");
    typing.hidden = true;
    view.tell("offline");
  }

  function expectAnswer() {
    typing.hidden = false;
    clearTimeout(late);
    late = setTimeout(() => {
      typing.hidden = true;
      view.tell("slow");
    }, ANSWER_MS);
  }

  function answered() {
    replies += 1;
    clearTimeout(late);
    typing.hidden = true;
    if (view.told("slow")) view.tell("");
  }

  // --- the stream ----------------------------------------------------------------------------

  function connect() {
    clearTimeout(reconnecting);
    if (source) source.close();
    ready = false;
    lastSign = Date.now();
    const address = "/webchat/stream?after=" + lastId;
    source = embedded ? window.orientaLine(address, sessionHeaders()) : new EventSource(address);
    source.addEventListener("hello", (event) => greeted(JSON.parse(event.data)));
    source.addEventListener("reply", (event) => arrived(event, showReply));
    source.addEventListener("mine", (event) => arrived(event, showMine));
    source.addEventListener("beat", () => { lastSign = Date.now(); });
    source.onerror = () => {
      ready = false;
      clearTimeout(lineLost);
      if (queue.length || !navigator.onLine) waitForLine();
      else lineLost = setTimeout(() => view.tell("offline"), 5000);
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
    if (session !== null && session !== hello.session && !view.isEmpty()) closed();
    session = hello.session;
    replaying = hello.kept;
    view.busy(replaying > 0);
    if (view.told("offline")) view.tell("");
    if (opening || (!replaying && view.isEmpty() && !queue.length)) {
      post({ kind: "command", command: "start", argument: opening }, "");
      opening = "";
    } else {
      flush();
    }
  }

  /* The session was ended elsewhere (another tab, cookies erased): what stands here goes too. */
  function closed() {
    view.clear(false);
    view.tell("renewed");
  }

  function arrived(event, show) {
    lastSign = Date.now();
    const id = Number(event.lastEventId);
    if (id > lastId) {
      lastId = id;
      show(JSON.parse(event.data));
    }
    if (replaying > 0 && --replaying === 0) {
      view.busy(false);
      view.reveal(true);
    }
  }

  function showReply(reply) {
    answered();
    const follows = view.readsTheEnd();
    view.showBot(reply, { choose: choose, share: shareLocation });
    if (wanted === null || reply.language === wanted) {
      wanted = null;
      if (reply.language !== view.language()) view.speak(reply.language);
    }
    if (follows) view.reveal(replaying > 0);
  }

  function showMine(mine) {
    if (view.bubbleOf(mine.id)) view.mark(mine.id, "");
    else {
      view.showHers(mine.id, mine.kind, mine.kind === "location" ? view.words().located : mine.text);
      view.reveal(replaying > 0);
    }
  }

  // --- start ---------------------------------------------------------------------------------

  function grow() {
    input.style.height = "auto";
    input.style.height = input.scrollHeight + 3 + "px";
  }

  /* With very large text or on a very low screen the bars would hide the conversation: they scroll. */
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
    post({ kind: "choice", choice: "menu", label: view.words().menu }, view.words().menu);
  });
  document.getElementById("leave").addEventListener("click", leave);
  if (embedded) {
    document.getElementById("close").addEventListener("click", () => tellHost("close"));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") tellHost("close");
    });
  }
  window.addEventListener("resize", makeRoom);
  window.addEventListener("online", () => { if (source) connect(); });
  window.addEventListener("offline", () => view.tell("offline"));
  document.addEventListener("visibilitychange", () => {
    clearTimeout(resting);
    if (document.hidden) resting = setTimeout(rest, HIDDEN_MS);
    else awake();
  });
  setInterval(() => { if (!document.hidden) awake(); }, 15000);

  for (const element of document.querySelectorAll(".needs-script")) element.hidden = false;
  view.speak(view.language());
  if (window.ResizeObserver) new ResizeObserver(makeRoom).observe(composer);
  tellHost("ready");
  begin();
})();
