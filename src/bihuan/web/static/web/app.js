// Small helps; everything works without them, and nothing here decides anything.
"use strict";

// Swaps announce themselves, and focus goes to what came.
document.addEventListener("htmx:afterSwap", (event) => {
  const heading = event.detail.target.querySelector("h2 a, h2");
  const said = document.getElementById("said");
  if (said && heading) said.textContent = heading.textContent.trim();
  const link = document.querySelector("#" + CSS.escape(event.detail.target.id) + " h2 a");
  if (link) link.focus();
});

// On a phone the filters open on demand.
if (innerWidth < 800) document.querySelectorAll(".filter-box").forEach((box) => box.removeAttribute("open"));

// A form is sent once.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.dataset.sent) { if (form.dataset.sent) event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

// Bulk actions name how many they will change.
document.addEventListener("change", (event) => {
  if (event.target.name !== "chosen") return;
  const form = event.target.form;
  const n = form.querySelectorAll("input[name=chosen]:checked").length;
  const button = form.querySelector("button[data-count]");
  if (button) button.textContent = button.dataset.count + (n ? " (" + n + ")" : "");
});

// Text typed into a long form survives a reload.
document.querySelectorAll(".act form textarea").forEach((area) => {
  const key = "draft:" + location.pathname + ":" + area.name;
  if (!area.value) area.value = sessionStorage.getItem(key) || "";
  area.addEventListener("input", () => sessionStorage.setItem(key, area.value));
  area.form.addEventListener("submit", () => sessionStorage.removeItem(key));
});
