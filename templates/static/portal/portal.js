// What pages do better with a script: live progress, a countdown, copying their address, noting what was read. All of it
// is optional.
"use strict";

const POLL_MILLISECONDS = 2000;
const LONGEST_PAUSE_MILLISECONDS = 30000;
const SPEAK_MILLISECONDS = 30000;
const SEEN_MILLISECONDS = 1000;
const MINUTE = 60000;

function inWords(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function timeLeft(milliseconds) {
  const minutes = Math.floor(milliseconds / MINUTE);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  if (minutes < 1) return milliseconds > 0 ? "less than a minute left" : "expired";
  if (days) return `${inWords(days, "day")}${hours ? ` and ${inWords(hours, "hour")}` : ""} left`;
  return `${hours ? `${inWords(hours, "hour")} and ` : ""}${inWords(minutes % 60, "minute")} left`;
}

function countDown(time) {
  const left = time.parentElement.querySelector("[data-left]");
  const show = () => {
    left.textContent = timeLeft(new Date(time.dateTime) - Date.now());
  };
  show();
  setInterval(show, MINUTE / 2);
}

function offerCopy(button) {
  if (!navigator.clipboard) return;
  const copied = document.querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const field = document.getElementById(button.dataset.copy);
      await navigator.clipboard.writeText(field ? field.value : location.origin + location.pathname);
      copied.textContent = "Copied. Keep it where only you can read it.";
    } catch {
      copied.textContent = "Your browser does not allow this; please copy the address from its address bar.";
    }
  });
}

// What somebody has typed, or the files they have chosen, must not be lost.
function isUsed() {
  const fields = [...document.querySelectorAll("textarea, input[type=file]")];
  return document.activeElement !== document.body || fields.some((field) => field.value !== (field.defaultValue ?? ""));
}

// A page nobody is using shows the news at once; one with the focus somewhere keeps it until its reader asks.
function tellNews(box) {
  if (!isUsed()) location.reload();
  else box.querySelector("[data-news]").hidden = false;
}

// Screen readers hear of a new step at once, and of numbers that move now and then.
function speaker(region, step) {
  const withoutNumbers = (text) => text.replace(/\d[\d,]*/g, "");
  let last = withoutNumbers(step);
  let lastAt = Date.now();
  return (state) => {
    const isNew = withoutNumbers(state.step) !== last;
    if (!isNew && Date.now() - lastAt < SPEAK_MILLISECONDS) return;
    region.textContent = [`${state.percent} %`, state.step, state.time_left].filter(Boolean).join(", ");
    last = withoutNumbers(state.step);
    lastAt = Date.now();
  };
}

function follow(box) {
  const bar = box.querySelector("progress");
  const percent = box.querySelector("[data-percent]");
  const left = box.querySelector("[data-time-left]");
  const step = box.querySelector("[data-step]");
  const speak = speaker(box.querySelector("[data-spoken]"), step.textContent);
  let pause = POLL_MILLISECONDS;

  function show(state) {
    bar.value = state.percent;
    percent.textContent = `${state.percent} %`;
    left.textContent = state.time_left;
    if (step.textContent !== state.step) step.textContent = state.step;
    speak(state);
    return state.is_live && state.status === box.dataset.status && String(state.steps_done) === box.dataset.steps;
  }

  async function look() {
    if (document.hidden) return void setTimeout(look, POLL_MILLISECONDS);
    try {
      const response = await fetch(box.dataset.live, { cache: "no-store", credentials: "omit" });
      if (!response.ok) throw new Error(response.status);
      if (!show(await response.json())) return tellNews(box);
      pause = POLL_MILLISECONDS;
    } catch {
      pause = Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS);
    }
    setTimeout(look, pause);
  }

  setTimeout(look, POLL_MILLISECONDS);
}

// Messages that were in sight for a moment are read; without a script a button says so.
function noteRead(form) {
  form.querySelector("button").hidden = true;
  const newest = [...document.querySelectorAll(".thread .new")].pop();
  let timer;
  const seen = new IntersectionObserver(([entry]) => {
    clearTimeout(timer);
    if (!entry.isIntersecting) return;
    timer = setTimeout(async () => {
      seen.disconnect();
      await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" }).catch(() => undefined);
    }, SEEN_MILLISECONDS);
  });
  if (newest) seen.observe(newest);
}

document.querySelectorAll("[data-read]").forEach(noteRead);
document.querySelectorAll("[data-expires]").forEach(countDown);
document.querySelectorAll("[data-copy]").forEach(offerCopy);
document.querySelectorAll("[data-live]").forEach(follow);
