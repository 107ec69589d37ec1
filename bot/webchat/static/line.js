/* Orienta: server-sent events over fetch, with the part of EventSource that chat.js uses. In a frame
   of another site the session travels in a header, which EventSource cannot send. */
(function () {
  "use strict";

  const AGAIN_MS = 3000;

  window.orientaLine = function (url, headers) {
    const listeners = {};
    const line = { readyState: EventSource.CONNECTING, onerror: null, addEventListener, close };
    let lastId = "";
    let control = null;
    let again = null;

    function addEventListener(kind, listener) {
      listeners[kind] = listener;
    }

    function close() {
      line.readyState = EventSource.CLOSED;
      clearTimeout(again);
      if (control) control.abort();
    }

    async function open() {
      control = new AbortController();
      const given = Object.assign({ Accept: "text/event-stream" }, headers);
      if (lastId) given["Last-Event-ID"] = lastId;
      let refused = false;
      try {
        const answer = await fetch(url, { headers: given, signal: control.signal, cache: "no-store" });
        refused = !answer.ok;
        if (answer.ok) {
          line.readyState = EventSource.OPEN;
          await read(answer.body.getReader());
        }
      } catch (error) { /* the line was lost, or closed here */ }
      if (line.readyState === EventSource.CLOSED) return;
      line.readyState = refused ? EventSource.CLOSED : EventSource.CONNECTING;
      if (!refused) again = setTimeout(open, AGAIN_MS);
      if (line.onerror) line.onerror();
    }

    async function read(reader) {
      const decoder = new TextDecoder();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done || line.readyState === EventSource.CLOSED) return;
        text += decoder.decode(value, { stream: true });
        const events = text.split("\n\n");
        text = events.pop(); // what has not come whole is not shown, and asked for again
        events.forEach(hear);
      }
    }

    function hear(event) {
      const fields = {};
      for (const part of event.split("\n")) {
        const end = part.indexOf(": ");
        if (end > 0) fields[part.slice(0, end)] = part.slice(end + 2);
      }
      if (fields.id) lastId = fields.id;
      const listener = listeners[fields.event];
      if (listener) listener({ data: fields.data, lastEventId: lastId });
    }

    open();
    return line;
  };
})();
