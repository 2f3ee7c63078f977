// Inspections on a phone: today's list and map, the checklist of each premises, what waits to be sent. Works without a network.
"use strict";

(() => {
  const root = document.getElementById("field");
  const about = JSON.parse(root.dataset.json);
  const w = about.words;
  const el = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [k, v] of Object.entries(attributes)) {
      if (k.startsWith("on")) made.addEventListener(k.slice(2), v);
      else if (v === true) made.setAttribute(k, "");
      else if (v !== false && v != null) made.setAttribute(k, v);
    }
    made.append(...children.flat().filter((c) => c != null && c !== false));
    return made;
  };
  const button = (text, act, kind = "btn") => el("button", { type: "button", class: kind, onclick: act }, text);
  const said = (text) => {
    document.getElementById("said").textContent = text;
  };
  let list = null,
    token = null,
    map = null,
    here = null;

  const refresh = async (find = "") => {
    try {
      const answer = await Queue.ask(about.list + (find ? "?find=" + encodeURIComponent(find) : ""), {});
      if (!answer.ok) throw new Queue.Stopped("broken");
      const told = await answer.json();
      if (told.person !== about.person) throw new Queue.Stopped("sign_in");
      token = told.token;
      if (find)
        list = {
          ...told,
          premises: [
            ...told.premises,
            ...(list ? list.premises.filter((p) => !told.premises.some((q) => q.code === p.code)) : []),
          ],
        };
      else list = told;
      await Queue.list(about.person, list);
      state("online");
    } catch (error) {
      list = list || (await Queue.list(about.person)) || null;
      state(error instanceof Queue.Stopped ? error.message : "offline");
    }
  };
  const line = el("p", { class: "note", role: "status" });
  const state = (name) => {
    line.textContent = w[name];
    line.className = "note " + (name === "online" ? "success" : "");
    if (name === "sign_in")
      line.append(" ", el("a", { href: about.sign_in + "?next=" + location.pathname }, w.sign_in));
  };
  const sync = async () => {
    await refresh();
    if (token)
      await Queue.send(about, token, () => {
        if (!root.querySelector(".field-form")) show();
      });
    if (!root.querySelector(".field-form")) await show();
  };

  const waiting = async () => {
    const drafts = await Queue.all(about.person);
    const done = (await Queue.sent(about.person)).slice(-5).reverse();
    const rows = drafts.map((d) =>
      el(
        "li",
        {},
        el(
          "a",
          {
            href: "#" + d.premises,
            onclick: (e) => {
              e.preventDefault();
              if (d.state !== "ready") form(d);
            },
          },
          d.name,
        ),
        el(
          "span",
          { class: "chip light-" + (d.state === "held" ? "red" : d.state === "ready" ? "amber" : "none") },
          d.state === "ready" ? w.waiting : d.state === "held" ? w.fix : w.draft,
        ),
        d.error && el("span", { class: "muted" }, d.error),
        button(
          d.state === "ready" ? w.fix : w.drop,
          async () => {
            if (d.state === "ready") {
              d.state = "draft";
              await Queue.put(d);
              form(d);
            } else if (confirm(w.sure)) {
              await Queue.drop(d);
              show();
            }
          },
          "plain",
        ),
      ),
    );
    const sent = done.map((s) =>
      el(
        "li",
        {},
        el("a", { href: s.url }, s.name),
        el("span", { class: "chip light-green" }, w.sent),
        s.late && el("span", { class: "tag unsure" }, s.late),
        el(
          "span",
          { class: "muted" },
          (s.findings || [])
            .filter((f) => f.matter)
            .map((f) => "#" + f.matter)
            .join(" "),
        ),
      ),
    );
    if (!rows.length && !sent.length) return null;
    return el(
      "section",
      { class: "card" },
      el(
        "h2",
        {},
        w.waiting + " ",
        el("span", { class: "figure", id: "waiting" }, String(drafts.filter((d) => d.state === "ready").length)),
      ),
      el("ul", { class: "rows" }, rows, sent),
      drafts.some((d) => d.state === "ready") && el("p", { class: "buttons" }, button(w.send, sync)),
    );
  };

  const show = async () => {
    const find = el("input", { type: "search", id: "find-premises", enterkeyhint: "search" });
    const premises = list ? list.premises : [];
    const rows = premises.map((p, i) =>
      el(
        "li",
        { class: "visit" },
        el("b", { class: "num" }, String(i + 1)),
        el(
          "a",
          {
            href: "#" + p.code,
            class: "main",
            onclick: (e) => {
              e.preventDefault();
              open(p);
            },
          },
          p.name,
          el("span", { class: "sub" }, p.territory + " · " + p.address),
        ),
        p.due &&
          el(
            "span",
            { class: "tag" + (new Date(p.due) < new Date() ? " back" : "") },
            w.legal + " " + new Date(p.due).toLocaleDateString("sv-SE"),
          ),
        p.hazards.length > 0 && el("span", { class: "chip light-amber" }, String(p.hazards.length)),
        el("span", { class: "muted" }, p.labels.slice(0, 4).join("、")),
      ),
    );
    const box = el("div", { class: "map", id: "field-map" });
    if (map) {
      map.remove();
      map = null;
    }
    root.replaceChildren(
      ...[
        line,
        await waiting(),
        el(
          "section",
          { class: "card" },
          el("h2", {}, w.list + " ", el("span", { class: "figure" }, String(premises.length))),
          el(
            "form",
            {
              role: "search",
              class: "inline",
              onsubmit: async (e) => {
                e.preventDefault();
                await refresh(find.value);
                show();
              },
            },
            el("label", { class: "visually-hidden", for: "find-premises" }, w.find),
            find,
            el("button", { class: "btn" }, w.find),
          ),
          rows.length ? el("ul", { class: "rows" }, rows) : el("p", { class: "nothing" }, w.nothing),
          list && el("p", { class: "muted" }, w.as_of + " " + list.as_of.slice(0, 16).replace("T", " ")),
        ),
        premises.some((p) => p.place) && el("section", { class: "card" }, box),
      ].filter(Boolean),
    );
    draw(box, premises);
  };

  const draw = (box, premises) => {
    const placed = premises.map((p, i) => [p, i]).filter(([p]) => p.place);
    if (!window.L || !placed.length) return;
    map = L.map(box, {
      attributionControl: false,
      scrollWheelZoom: false,
      zoomAnimation: false,
      fadeAnimation: false,
      markerZoomAnimation: false,
    }).setView([placed[0][0].place[1], placed[0][0].place[0]], 12);
    const points = placed.map(([p]) => [p.place[1], p.place[0]]);
    L.polyline(points, { weight: 2, dashArray: "4 4" }).addTo(map);
    for (const [p, i] of placed) {
      const dot = L.circleMarker([p.place[1], p.place[0]], { radius: 9 }).addTo(map);
      dot.bindTooltip(String(i + 1), { permanent: true, direction: "center", className: "place" });
      dot.on("click", () => open(p));
    }
    map.fitBounds(L.latLngBounds(points).pad(0.1));
  };

  const open = async (p) => {
    const mine = (await Queue.all(about.person)).find((d) => d.premises === p.code && d.state !== "ready");
    if (mine) return form(mine);
    const people = JSON.parse(localStorage.getItem("people:" + about.person) || "null") || [about.name];
    return form({
      client: uuid(),
      person: about.person,
      premises: p.code,
      name: p.name,
      at: new Date().toISOString(),
      kind: "",
      people,
      items: {},
      findings: [],
      photos: [],
      note: "",
      place: null,
      tenants: [],
      state: "draft",
      error: "",
    });
  };
  const uuid = () => {
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 15) | 64;
    b[8] = (b[8] & 63) | 128;
    const h = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
    return [h.slice(0, 8), h.slice(8, 12), h.slice(12, 16), h.slice(16, 20), h.slice(20)].join("-");
  };

  const small = async (file) => {
    const picture = await createImageBitmap(file);
    const canvas = document.createElement("canvas");
    const scale = 96 / Math.max(picture.width, picture.height);
    canvas.width = Math.max(1, picture.width * scale);
    canvas.height = Math.max(1, picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/jpeg", 0.7);
  };
  const camera = (label, kept, save) => {
    const shown = el(
      "span",
      { class: "thumbs" },
      kept.map((sha) => el("span", { class: "tag" }, sha.slice(0, 6))),
    );
    const input = el("input", {
      type: "file",
      accept: "image/*",
      capture: "environment",
      multiple: true,
      onchange: async () => {
        for (const file of input.files) {
          const sha = await Queue.photo(file);
          if (!kept.includes(sha)) kept.push(sha);
          try {
            shown.append(el("img", { src: await small(file), alt: file.name }));
          } catch (error) {
            shown.append(el("span", { class: "tag" }, file.name));
          }
        }
        input.value = "";
        await save();
      },
    });
    return el("label", { class: "camera" }, label, input, shown);
  };

  // When it happened, put right by hand where the device's clock was wrong, and why it is entered only now: open where the
  // server asked for one of them.
  const local = (iso) => {
    const d = new Date(iso);
    return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  };
  const times = (draft, save, text) => {
    const when = el("input", {
      type: "datetime-local",
      id: "at",
      value: local(draft.at),
      onchange: (e) => {
        const typed = new Date(e.target.value);
        if (isNaN(typed)) return;
        draft.device_at = draft.device_at || draft.at;
        draft.at = typed.toISOString();
        save();
      },
    });
    return el(
      "details",
      { class: "card", open: Boolean(draft.reason) || ["at", "reason"].includes(draft.field) },
      el("summary", {}, w.when + " " + local(draft.at).replace("T", " ")),
      el("label", {}, w.when, when),
      text(w.reason, draft, "reason", { rows: 2, id: "reason", maxlength: 300 }),
    );
  };

  const form = (draft) => {
    const p = list && list.premises.find((x) => x.code === draft.premises);
    const items = p ? p.items : draft.known || [];
    draft.known = items;
    const save = async () => {
      if (draft.state !== "ready") {
        draft.state = "draft";
        await Queue.put(draft);
        said(w.kept);
      }
    };
    const bound = (label, target, key, make = "input", more = {}) =>
      el(
        "label",
        {},
        label,
        el(
          make,
          {
            ...more,
            oninput: (e) => {
              target[key] = e.target.value;
              save();
            },
          },
          more.children || [],
        ),
      );
    const text = (label, target, key, more = {}) => {
      const box = bound(label, target, key, more.rows ? "textarea" : "input", { type: "text", ...more });
      box.lastChild.value = target[key] || "";
      return box;
    };

    const finding = (item) => {
      let f = draft.findings.find((x) => x.item === item.id);
      if (!f) {
        f = { item: item.id, text: "", place: "", measured: "", spot: false, grade: "general", photos: [] };
        draft.findings.push(f);
      }
      const grade = el(
        "select",
        {
          onchange: (e) => {
            f.grade = e.target.value;
            save();
          },
        },
        ["general", "serious", "major"].map((g) => el("option", { value: g, selected: g === f.grade }, w[g])),
      );
      const grades = el("label", { hidden: f.spot }, w.grade, grade);
      return el(
        "div",
        { class: "finding" },
        el("p", { class: "muted" }, w.basis + ": " + item.basis),
        item.spot &&
          el(
            "label",
            { class: "check" },
            el("input", {
              type: "checkbox",
              checked: f.spot,
              onchange: (e) => {
                f.spot = e.target.checked;
                grades.hidden = f.spot;
                save();
              },
            }),
            " ",
            w.spot,
          ),
        camera(w.photo, f.photos, save),
        text(w.place, f, "place", { maxlength: 100 }),
        text(w.text, f, "text", { maxlength: 1000 }),
        item.measure && text(w.measured + " " + item.measure, f, "measured", { maxlength: 60 }),
        grades,
      );
    };
    const row = (item) => {
      const below = el("div");
      const pick = (value) => {
        draft.items[item.id] = value;
        if (value !== "bad") draft.findings = draft.findings.filter((f) => f.item !== item.id);
        below.replaceChildren(...(value === "bad" ? [finding(item)] : []));
        save();
      };
      const choice = (value) =>
        el(
          "label",
          { class: "pick pick-" + value },
          el("input", {
            type: "radio",
            name: item.id,
            value,
            checked: draft.items[item.id] === value,
            onchange: () => pick(value),
          }),
          el("span", {}, w[value]),
        );
      if (draft.items[item.id] === "bad") below.append(finding(item));
      return el(
        "fieldset",
        { class: "item", "data-item": item.id },
        el("legend", {}, item.text),
        el("div", { class: "picks" }, ["ok", "bad", "none"].map(choice)),
        below,
      );
    };
    const groups = [...new Set(items.map((i) => i.group))];
    const body = groups.map((g) =>
      el(
        "section",
        { class: "card" },
        el("h2", {}, (list && list.groups[g]) || g),
        items.filter((i) => i.group === g).map(row),
      ),
    );
    const trouble = el("p", { class: "error", role: "alert" }, draft.error || "");
    const others = () => {
      for (const item of items)
        if (!draft.items[item.id]) {
          draft.items[item.id] = "ok";
          root.querySelector("[data-item='" + item.id + "'] input[value=ok]").checked = true;
        }
      save();
    };
    const finish = async (event) => {
      event.preventDefault();
      draft.people = names.value
        .split("\n")
        .map((n) => n.trim())
        .filter(Boolean);
      if (items.some((i) => !draft.items[i.id])) {
        trouble.textContent = w.missing_item;
        trouble.scrollIntoView({ block: "center" });
        return;
      }
      localStorage.setItem("people:" + about.person, JSON.stringify(draft.people));
      if (here) draft.place = here;
      draft.state = "ready";
      draft.error = "";
      draft.field = "";
      const { known, ...kept } = draft;
      await Queue.put(kept);
      history.replaceState(null, "", location.pathname);
      await show();
      said(w.kept);
      scrollTo(0, 0);
      sync();
    };
    const names = el("textarea", {
      rows: 2,
      id: "people",
      oninput: (e) => {
        draft.people = e.target.value.split("\n");
        save();
      },
    });
    names.value = draft.people.join("\n");
    const kind = el(
      "select",
      {
        onchange: (e) => {
          draft.kind = e.target.value;
          save();
        },
      },
      el("option", { value: "" }, "—"),
      about.kinds.map(([k, name]) => el("option", { value: k, selected: k === draft.kind }, name)),
    );
    root.replaceChildren(
      line,
      el(
        "form",
        { class: "field-form", onsubmit: finish },
        el(
          "p",
          {},
          el(
            "a",
            {
              href: about.list.replace("list.json", ""),
              onclick: (e) => {
                e.preventDefault();
                show();
              },
            },
            "‹ " + w.back,
          ),
        ),
        el("h2", { tabindex: -1, id: "premises-name" }, draft.name),
        p &&
          p.hazards.length > 0 &&
          el(
            "section",
            { class: "card question" },
            el("h3", {}, w.hazards),
            el(
              "ul",
              {},
              p.hazards.map((h) => el("li", {}, "#" + h.number + " " + h.title)),
            ),
          ),
        el(
          "section",
          { class: "card" },
          el("label", {}, w.people, names),
          el("label", {}, w.kind, kind),
          p &&
            p.tenants.length > 0 &&
            el(
              "fieldset",
              {},
              el("legend", {}, w.tenants),
              p.tenants.map((t) =>
                el(
                  "label",
                  { class: "check" },
                  el("input", {
                    type: "checkbox",
                    checked: draft.tenants.includes(t.key),
                    onchange: (e) => {
                      draft.tenants = e.target.checked
                        ? [...draft.tenants, t.key]
                        : draft.tenants.filter((k) => k !== t.key);
                      save();
                    },
                  }),
                  " " + t.name + " " + t.floor,
                ),
              ),
            ),
        ),
        body,
        el(
          "section",
          { class: "card" },
          camera(w.photo, draft.photos, save),
          text(w.note, draft, "note", { rows: 2, maxlength: 2000 }),
        ),
        times(draft, save, text),
        trouble,
        el(
          "div",
          { class: "buttons stick" },
          button(w.all_ok, others),
          el("button", { class: "btn btn-primary" }, w.save),
        ),
      ),
    );
    (document.getElementById(draft.field) || document.getElementById("premises-name")).focus();
    where();
  };
  const where = () => {
    if (navigator.geolocation)
      navigator.geolocation.getCurrentPosition(
        (at) => {
          here = [at.coords.longitude, at.coords.latitude];
        },
        () => {},
        { timeout: 8000, maximumAge: 60000 },
      );
  };

  addEventListener("online", sync);
  addEventListener("offline", () => state("offline"));
  if ("serviceWorker" in navigator)
    navigator.serviceWorker.register(about.worker, { scope: location.pathname }).catch((error) => {
      line.textContent = String(error);
    });
  (async () => {
    list = (await Queue.list(about.person)) || null;
    await show();
    await sync();
    const wanted = list && list.premises.find((p) => p.code === location.hash.slice(1));
    if (wanted) open(wanted);
    root.dataset.ready = "1";
  })();
  setInterval(() => {
    if (!root.querySelector("form.field-form")) sync();
  }, 60000);
})();
