"use strict";
// Before anything is drawn, so that a page never flashes in the wrong colours.
{
  const KEY = "console-theme";
  const root = document.documentElement;
  const stored = localStorage.getItem(KEY);
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;

  document.addEventListener("DOMContentLoaded", () => {
    for (const choice of document.querySelectorAll("[data-theme-choice]")) {
      choice.hidden = false;
      const show = () => {
        const current = root.dataset.theme || "auto";
        for (const button of choice.children) button.setAttribute("aria-pressed", String(button.value === current));
      };
      choice.addEventListener("click", ({ target }) => {
        if (!target.value) return;
        if (target.value === "auto") {
          delete root.dataset.theme;
          localStorage.removeItem(KEY);
        } else {
          root.dataset.theme = target.value;
          localStorage.setItem(KEY, target.value);
        }
        show();
      });
      show();
    }
  });
}
