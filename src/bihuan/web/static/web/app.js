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
  if (form.method !== "post" || form.dataset.sent) {
    if (form.dataset.sent) event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => {
    delete form.dataset.sent;
  }, 8000);
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

// Photos leave at once, each with its progress, while the rest of the form is filled; without this they go with the form.
(() => {
  const box = document.getElementById("staged");
  const input = document.querySelector("input[type=file][name=files]");
  if (!box || !input) return;
  const list = box.querySelector("ul");
  let running = 0;
  const done = () => {
    running -= 1;
    input.form.querySelectorAll("button.btn-primary").forEach((b) => {
      b.disabled = running > 0;
    });
  };
  const remover = (line) => {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "plain",
      textContent: box.dataset.remove,
    });
    button.addEventListener("click", () => {
      line.remove();
      box.hidden = !list.children.length;
      input.focus();
    });
    line.append(" ", button);
  };
  list.querySelectorAll("li").forEach(remover);
  const send = (file) => {
    const line = document.createElement("li");
    const bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", file.name);
    line.append(file.name + " ", bar);
    list.append(line);
    box.hidden = false;
    running += 1;
    input.form.querySelectorAll("button.btn-primary").forEach((b) => {
      b.disabled = true;
    });
    const body = new FormData();
    body.append("file", file);
    const call = new XMLHttpRequest();
    call.open("POST", box.dataset.stage);
    call.setRequestHeader("X-CSRFToken", input.form.querySelector("[name=csrfmiddlewaretoken]").value);
    call.upload.addEventListener("progress", (e) => {
      if (e.lengthComputable) bar.value = e.loaded / e.total;
    });
    call.addEventListener("loadend", () => {
      let answer = {};
      try {
        answer = JSON.parse(call.responseText);
      } catch {
        answer = {};
      }
      bar.remove();
      if (call.status === 200) {
        line.append(
          Object.assign(document.createElement("input"), { type: "hidden", name: "staged", value: answer.id }),
        );
        line.append(
          Object.assign(document.createElement("span"), {
            className: "tag",
            textContent: answer.taken_at || (file.type.startsWith("image/") ? box.dataset.unproven : "✓"),
          }),
        );
        remover(line);
      } else {
        line.textContent = answer.error || file.name + ": " + box.dataset.failed;
        line.className = "error";
      }
      done();
    });
    call.send(body);
  };
  input.addEventListener("change", () => {
    const files = Array.from(input.files);
    input.value = "";
    files.forEach(send);
  });
})();

// On the wall, Page Up and Page Down turn over; typing in a field stays typing.
document.addEventListener("keydown", (event) => {
  const link = { PageDown: "wall-on", PageUp: "wall-back" }[event.key];
  const target = link && document.getElementById(link);
  if (target) {
    event.preventDefault();
    location.href = target.href;
  }
});
