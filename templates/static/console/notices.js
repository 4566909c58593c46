"use strict";
// The preview follows what is typed. On a request it waits for the button, as each look is put on record.
const form = document.querySelector("[data-words]");
const PAUSE = 700;
let waiting;

const show = () => {
  if (form.elements.reference.value.trim()) return;
  form.requestSubmit(form.querySelector("[data-preview]"));
};

form?.addEventListener("input", ({ target }) => {
  if (target.name === "reference") return;
  clearTimeout(waiting);
  waiting = setTimeout(show, target.name === "as" ? 0 : PAUSE);
});
