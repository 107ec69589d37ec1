/* Orienta: what a script adds to pages that work without one. */
(function () {
  "use strict";

  /* Leave so that "back" does not return, and end the chat of this browser on the way, as the
     chat's own button does; without a connection the next visit of the chat ends it. */
  document.getElementById("leave").addEventListener("click", (event) => {
    event.preventDefault();
    try {
      localStorage.setItem("left", "1");
    } catch (error) { /* storage is switched off */ }
    fetch("/webchat/leave", { method: "POST", keepalive: true }).catch(() => {});
    document.title = "…";
    document.body.hidden = true;
    window.location.replace(event.currentTarget.href);
  });

  const print = document.getElementById("print");
  if (print) {
    print.hidden = false;
    print.addEventListener("click", () => window.print());
  }
})();
