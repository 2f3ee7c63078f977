// What was written on this device and waits to be sent: drafts and photos in IndexedDB. A record keeps the name (client id)
// it was given here, so that sending it again is the same record; nothing is deleted before the server has said that it has it.
"use strict";

const Queue = (() => {
  const base = idb.openDB("bihuan-field", 1, {
    upgrade(db) {
      db.createObjectStore("drafts", { keyPath: "client" });
      db.createObjectStore("photos", { keyPath: "sha256" });
      db.createObjectStore("lists");
      db.createObjectStore("sent", { keyPath: "client" });
    },
  });

  const all = async (person) => (await (await base).getAll("drafts")).filter((d) => d.person === person);
  const put = async (draft) => (await base).put("drafts", draft);
  const drop = async (draft) => {
    const db = await base;
    await db.delete("drafts", draft.client);
    const used = new Set((await db.getAll("drafts")).flatMap(hashes));
    for (const sha of hashes(draft)) if (!used.has(sha)) await db.delete("photos", sha);
  };
  const hashes = (draft) => [...(draft.photos || []), ...(draft.findings || []).flatMap((f) => f.photos || [])];
  const photo = async (file) => {
    const data = await file.arrayBuffer();
    const sha = sha256(data);
    await (await base).put("photos", { sha256: sha, data, name: file.name || "photo.jpg", type: file.type });
    return sha;
  };
  const list = async (person, told) =>
    told ? (await base).put("lists", told, person) : (await base).get("lists", person);
  const sent = async (person) => (await (await base).getAll("sent")).filter((s) => s.person === person);

  class Stopped extends Error {}

  const ask = async (url, options) => {
    const answer = await fetch(url, { credentials: "same-origin", redirect: "manual", ...options });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw new Stopped("sign_in");
    if (answer.status === 413) throw new Stopped("too_big");
    if (answer.status >= 500) throw new Stopped("broken");
    return answer;
  };
  const told = async (answer) => {
    try {
      return await answer.json();
    } catch (error) {
      return {};
    }
  };

  // Sends what is finished, one after the other; what is refused is held with the server's sentence, the rest goes on.
  const send = async (about, token, changed) => {
    for (const draft of (await all(about.person)).filter((d) => d.state === "ready")) {
      try {
        await one(about, token, draft);
      } catch (error) {
        draft.error = error instanceof Stopped ? about.words[error.message] : about.words.offline;
        await put(draft);
        changed();
        if (!(error instanceof Stopped) || error.message === "sign_in") return;
      }
      changed();
    }
  };
  const one = async (about, token, draft) => {
    const db = await base;
    for (const sha of hashes(draft)) {
      const kept = await db.get("photos", sha);
      if (!kept) continue;
      const form = new FormData();
      form.append("file", new Blob([kept.data], { type: kept.type }), kept.name);
      const answer = await ask(about.photo, { method: "POST", body: form, headers: { "X-CSRFToken": token } });
      if (!answer.ok) return hold(draft, await told(answer), answer.status);
    }
    const { state, error, field, person, name, known, ...record } = draft;
    const answer = await ask(about.enter, {
      method: "POST",
      body: JSON.stringify(record),
      headers: { "X-CSRFToken": token, "Content-Type": "application/json" },
    });
    const said = await told(answer);
    if (!answer.ok) return hold(draft, said, answer.status);
    await db.put("sent", {
      client: draft.client,
      person,
      name,
      at: draft.at,
      url: said.url,
      findings: said.findings,
      late: said.late,
    });
    await drop(draft);
  };
  const hold = async (draft, said, status) => {
    // a refusal can be put right here; anything else is tried again
    draft.state = status === 400 ? "held" : "ready";
    draft.error = said.error || String(status);
    draft.field = said.field || "";
    await put(draft);
  };

  // Two tabs of one device send one after the other.
  const locked = (work) => (navigator.locks ? navigator.locks.request("bihuan-send", work) : work());
  return { all, put, drop, photo, list, sent, ask, Stopped, send: (...args) => locked(() => send(...args)) };
})();
