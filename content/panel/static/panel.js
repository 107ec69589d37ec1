// What the panel does besides: nothing here is needed to do one's work.
"use strict";

// A menu that is open where there is room needs no button there.
document.querySelectorAll("[data-menu]").forEach((menu) => {
  menu.addEventListener("keydown", (event) => { if (event.key === "Escape") menu.open = false; });
});

// Ask before what cannot be undone: <button data-confirm="¿Seguro?">
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// Count while typing: <textarea data-limit="900" aria-describedby="x-count"> … <span id="x-count">
function count(field) {
  const shown = document.getElementById(field.dataset.count);
  if (!shown) return;
  const length = [...field.value].length;
  const limit = Number(field.dataset.limit);
  shown.textContent = `${length} / ${limit}`;
  shown.classList.toggle("over", length > limit);
}
document.querySelectorAll("[data-count]").forEach((field) => {
  count(field);
  field.addEventListener("input", () => count(field));
});

// Show what a form makes while it is written: <form data-preview="/panel/…" data-preview-into="id">
document.querySelectorAll("form[data-preview]").forEach((form) => {
  const target = document.getElementById(form.dataset.previewInto);
  let waiting = 0;
  let asked = 0;
  async function show() {
    const mine = ++asked;
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      if (answer.ok && !answer.redirected && mine === asked) target.innerHTML = await answer.text();
    } catch { /* no connection: what was shown stays */ }
  }
  form.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(show, 400); });
});

// Say that something unsaved would be lost: <form data-guard>
document.querySelectorAll("form[data-guard]").forEach((form) => {
  let changed = form.dataset.guard === "changed";
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
});

// Follow a long job: <div data-follow="/panel/releases/3/progress" data-every="2000">
document.querySelectorAll("[data-follow]").forEach((part) => {
  const look = async () => {
    try {
      const answer = await fetch(part.dataset.follow);
      if (answer.ok && !answer.redirected) {
        if (answer.headers.get("X-Reload") === "1") { window.location.reload(); return; }
        part.innerHTML = await answer.text();
      }
    } catch { /* try again */ }
    setTimeout(look, Number(part.dataset.every || 2000));
  };
  setTimeout(look, Number(part.dataset.every || 2000));
});

// Copy a field: <button type="button" data-copies="id" hidden>; without a clipboard it stays hidden.
document.querySelectorAll("[data-copies]").forEach((button) => {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    navigator.clipboard.writeText(field.value);
  });
});
