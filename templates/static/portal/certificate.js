// Compares a file with the hash of a certificate, in the browser: the file is never sent anywhere.
"use strict";

const MOST_BYTES = 100 * 1024 * 1024;

async function sha256(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (octet) => octet.toString(16).padStart(2, "0")).join("");
}

async function judge(file, wanted) {
  if (file.size > MOST_BYTES) return ["other", "This file is not the certificate: it is far too large."];
  let found;
  try {
    found = await sha256(file);
  } catch {
    return ["other", "Your browser could not read the file. Please compare by hand, as described below."];
  }
  return found === wanted
    ? ["same", "This is the certificate that was issued, unchanged."]
    : ["other", `This is not the file that was issued, or it was changed. Its SHA-256 is ${found}.`];
}

const compare = document.querySelector("[data-compare]");

// Browsers compute hashes only on pages that came encrypted, or from the device itself.
if (compare && globalThis.crypto?.subtle) {
  const verdict = compare.querySelector("[data-verdict]");
  compare.hidden = false;
  document.querySelector("[data-by-hand]").open = false;
  compare.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    const [look, words] = file ? await judge(file, compare.dataset.compare) : ["", ""];
    verdict.className = `verdict ${look}`;
    verdict.textContent = words;
  });
}
