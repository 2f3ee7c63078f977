// The queue of the field page, with a database and a server of the test's own: what waits on a phone is sent once, and nothing is lost.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const SOURCE = readFileSync(new URL("../../src/bihuan/web/static/web/queue.js", import.meta.url), "utf8");
const ABOUT = { person: "lzh1", photo: "/photo/", enter: "/enter/", words: { offline: "offline", sign_in: "sign in", broken: "broken", too_big: "big" } };

/** A database in memory with idb's few calls. */
function memory() {
  const stores = {};
  const keys = { drafts: "client", photos: "sha256", sent: "client" };
  const of = (name) => (stores[name] ??= new Map());
  const copy = (value) => (value === undefined ? undefined : structuredClone(value));
  const db = {
    getAll: async (name) => [...of(name).values()].map(copy),
    get: async (name, key) => copy(of(name).get(key)),
    put: async (name, value, key) => void of(name).set(key ?? value[keys[name]], copy(value)),
    delete: async (name, key) => void of(name).delete(key),
  };
  return { db, openDB: async () => db };
}

/** The queue and what the server was asked; `answers(url, body, n)` says what it answers or throws. */
function world(answers) {
  const { db, openDB } = memory();
  const asked = [];
  const fetch = async (url, options) => {
    const body = typeof options.body === "string" ? JSON.parse(options.body) : options.body;
    asked.push({ url, body, headers: options.headers });
    const found = await answers(url, body, asked.length);
    const status = found?.status ?? 200;
    return { type: found?.type ?? "basic", status, ok: status >= 200 && status < 300, json: async () => found?.json ?? {} };
  };
  let n = 0;
  const sha256 = (data) => `sha-${new Uint8Array(data)[0] ?? n++}`;
  const context = vm.createContext({ idb: { openDB }, fetch, sha256, FormData, Blob, navigator: {}, structuredClone, Set, Map, Error, JSON });
  const queue = vm.runInContext(`${SOURCE}; Queue`, context);
  return { queue, asked, db };
}
const draft = (client, more = {}) => ({ client, person: "lzh1", state: "ready", name: "示例场所", at: "2026-12-01T02:00:00Z", what: "check", ...more });
const said = () => ({ status: 200, json: { url: "/records/1/", findings: [], late: "" } });
const send = (queue) => queue.send(ABOUT, "token", () => {});
const photo = (byte) => ({ name: "a.jpg", type: "image/jpeg", arrayBuffer: async () => new Uint8Array([byte]).buffer });

test("what is finished goes out with its photos first, and leaves the phone once the server has it", async () => {
  const { queue, asked, db } = world((url) => (url === "/enter/" ? said() : {}));
  const sha = await queue.photo(photo(7));
  await queue.put(draft("a", { photos: [sha] }));
  await queue.put(draft("b", { state: "open" }));
  await send(queue);
  assert.deepEqual(asked.map((a) => a.url), ["/photo/", "/enter/"]);
  assert.equal(asked[1].headers["X-CSRFToken"], "token");
  assert.deepEqual(Object.keys(asked[1].body).sort(), ["at", "client", "photos", "what"], "what is the phone's own stays there");
  assert.deepEqual((await queue.all("lzh1")).map((d) => d.client), ["b"], "what is not finished stays");
  assert.equal((await queue.sent("lzh1"))[0].url, "/records/1/");
  assert.equal(await db.get("photos", sha), undefined);
});

test("a record whose answer was lost is sent again under the same name", async () => {
  const { queue, asked } = world((url, body, n) => {
    if (n === 1) throw new TypeError("the connection broke after the server had it");
    return said();
  });
  await queue.put(draft("a"));
  await send(queue);
  const [kept] = await queue.all("lzh1");
  assert.deepEqual([kept.state, kept.error], ["ready", "offline"]);
  await send(queue);
  assert.deepEqual(asked.map((a) => a.body.client), ["a", "a"]);
  assert.deepEqual(await queue.all("lzh1"), []);
});

test("without a connection nothing is tried any further", async () => {
  const { queue, asked } = world(() => {
    throw new TypeError("offline");
  });
  await queue.put(draft("a"));
  await queue.put(draft("b"));
  await send(queue);
  assert.equal(asked.length, 1);
  assert.equal((await queue.all("lzh1")).length, 2);
});

test("a refusal is held with its sentence and its field, and the rest goes on", async () => {
  const { queue } = world((url, body) => (body.client === "a" ? { status: 400, json: { error: "照片太旧", field: "at" } } : said()));
  await queue.put(draft("a"));
  await queue.put(draft("b"));
  await send(queue);
  const [held] = await queue.all("lzh1");
  assert.deepEqual([held.client, held.state, held.error, held.field], ["a", "held", "照片太旧", "at"]);
  assert.deepEqual((await queue.sent("lzh1")).map((s) => s.client), ["b"]);
});

test("somebody who was signed out loses nothing and is asked to sign in", async () => {
  for (const answer of [{ status: 401 }, { type: "opaqueredirect", status: 0 }]) {
    const { queue, asked } = world(() => answer);
    await queue.put(draft("a"));
    await queue.put(draft("b"));
    await send(queue);
    assert.equal(asked.length, 1);
    const kept = await queue.all("lzh1");
    assert.deepEqual([kept.length, kept[0].error], [2, "sign in"]);
  }
});

test("a fault of the server or a photo too big for it stops one record alone", async () => {
  for (const [status, word] of [[500, "broken"], [413, "big"]]) {
    const { queue } = world((url, body) => (body.client === "a" ? { status } : said()));
    await queue.put(draft("a"));
    await queue.put(draft("b"));
    await send(queue);
    const [kept] = await queue.all("lzh1");
    assert.deepEqual([kept.client, kept.state, kept.error], ["a", "ready", word]);
    assert.deepEqual((await queue.sent("lzh1")).map((s) => s.client), ["b"]);
  }
});

test("a photo of two records leaves with the last of them", async () => {
  const { queue, db } = world(() => said());
  const sha = await queue.photo(photo(9));
  await queue.put(draft("a", { photos: [sha] }));
  await queue.put(draft("b", { state: "open", findings: [{ photos: [sha] }] }));
  await send(queue);
  assert.ok(await db.get("photos", sha));
  const [rest] = await queue.all("lzh1");
  await queue.drop(rest);
  assert.equal(await db.get("photos", sha), undefined);
});

test("a refused photo holds its record before the record is sent", async () => {
  const { queue, asked } = world((url) => (url === "/photo/" ? { status: 400, json: { error: "不是照片" } } : said()));
  const sha = await queue.photo(photo(3));
  await queue.put(draft("a", { photos: [sha] }));
  await send(queue);
  assert.deepEqual(asked.map((a) => a.url), ["/photo/"]);
  assert.equal((await queue.all("lzh1"))[0].error, "不是照片");
});

test("what another person wrote on this phone is not sent in this one's name", async () => {
  const { queue, asked } = world(() => said());
  await queue.put(draft("a", { person: "other" }));
  await send(queue);
  assert.equal(asked.length, 0);
  assert.equal((await queue.all("other")).length, 1);
});
