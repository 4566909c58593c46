"use strict";
// Everything works without this file; it saves clicks and keeps a page current.

// Menus close on Escape and on a click elsewhere.
const openMenus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", ({ target }) => {
  for (const menu of openMenus()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const menu of openMenus()) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});

// What was wrong with a form is read first.
document.querySelector("[data-focus]")?.focus();

// One tick selects all rows of a page; the count stands beside the actions.
const all = document.querySelector("[data-select-all]");
if (all) {
  const boxes = [...document.querySelectorAll(`input[name="${all.dataset.selectAll}"]`)];
  const told = document.querySelector("[data-selected-count]");
  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && !all.checked;
    told.textContent = `${count} selected:`;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  tell();
}

// A recorded request is looked at before it is sent, so that files chosen stay chosen whatever is wrong.
const recording = document.querySelector("form[data-check]");
if (recording) {
  const put = (html) => {
    const made = new DOMParser().parseFromString(html, "text/html");
    for (const part of made.querySelectorAll("[data-section]")) {
      const old = recording.querySelector(`[data-section="${part.dataset.section}"]`);
      if (old && !old.querySelector("input[type=file]")) old.replaceWith(part);
    }
    const first = recording.querySelector("[data-focus]");
    first?.focus();
    first?.scrollIntoView({ block: "center" });
  };
  recording.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = new FormData(recording);
    for (const field of recording.querySelectorAll("input[type=file]")) typed.delete(field.name);
    try {
      const response = await fetch(recording.dataset.check, { method: "POST", body: typed });
      if (response.ok && !response.redirected) {
        const { html, is_ready: isReady } = await response.json();
        if (!isReady) return put(html);
      }
    } catch {
      // Without an answer, the page that is sent tells what is wrong.
    }
    recording.submit();
  });
}

// The answer of a request is put in place anew while the portal works on it, unless somebody is busy in it.
const answer = document.querySelector("[data-is-live]");
if (answer) {
  const PAUSE = 1500;
  const put = (html) => {
    const open = [...answer.querySelectorAll("details")].map((part) => part.open);
    answer.innerHTML = html;
    answer.querySelectorAll("details").forEach((part, place) => {
      part.open = Boolean(open[place]);
    });
  };
  const look = async () => {
    try {
      const response = await fetch(answer.dataset.live, { headers: { Accept: "application/json" } });
      if (!response.ok || response.redirected) return;
      const { html, todo, is_live: isLive, status } = await response.json();
      const isTyped = [...document.querySelectorAll("textarea")].some((field) => field.value);
      if (status !== answer.dataset.status && !isTyped) return location.reload();
      const isBusy = answer.contains(document.activeElement);
      if (!isBusy) put(html);
      const steps = document.getElementById("todo");
      if (!steps.contains(document.activeElement)) steps.innerHTML = todo;
      if (isLive || isBusy) setTimeout(look, PAUSE);
    } catch {
      setTimeout(look, PAUSE * 4);
    }
  };
  setTimeout(look, PAUSE);
}

// What is shown once is copied by a button, where the browser lets it.
for (const button of navigator.clipboard ? document.querySelectorAll("[data-copy]") : []) {
  const copied = document.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
      copied.textContent = "Copied.";
    } catch {
      copied.textContent = "Your browser does not allow this; please mark and copy it by hand.";
    }
  });
}
