// Checks a receipt in the browser, from disk, without any server. The same steps as `bihuan receipt verify`.
"use strict";
(() => {
  const say = (good, lines) => {
    const out = document.getElementById("answer");
    out.className = good ? "good" : "bad";
    out.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  };
  const fail = (text) => {
    throw new Error(text);
  };
  const utf8 = (text) => new TextEncoder().encode(text);
  const fromHex = (hex) =>
    /^([0-9a-f]{2})*$/.test(hex)
      ? Uint8Array.from(hex.match(/../g) || [], (h) => parseInt(h, 16))
      : fail("不是收据 no receipt");
  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const fromBase64 = (text) => {
    const bytes = atob(text);
    if (btoa(bytes) !== text) fail("不是收据 no receipt");
    return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
  };
  const join = (...parts) => Uint8Array.from(parts.flatMap((p) => Array.from(p)));
  const same = (a, b) => hex(a) === hex(b);
  const sha = (bytes) => Uint8Array.from(sha256.array(bytes));
  const HASHES = { sha256: sha, sm3: (bytes) => fromHex(sm3(Array.from(bytes))) };

  // RFC 8785: what a browser writes is the definition, but for the order of names
  const canonical = (v) =>
    Array.isArray(v)
      ? "[" + v.map(canonical).join(",") + "]"
      : v && typeof v === "object"
        ? "{" +
          Object.keys(v)
            .sort()
            .map((k) => JSON.stringify(k) + ":" + canonical(v[k]))
            .join(",") +
          "}"
        : JSON.stringify(v);

  const base32 = (text) => {
    const bytes = [];
    let bits = 0,
      value = 0;
    for (const c of text) {
      const i = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
      if (i < 0) fail("不是收据 no receipt");
      value = ((value << 5) | i) & 0xfff;
      bits += 5;
      if (bits >= 8) {
        bits -= 8;
        bytes.push((value >> bits) & 255);
      }
    }
    return Uint8Array.from(bytes);
  };
  const unpack = async (text) => {
    text = text.trim();
    if (!text.startsWith("BHR1:")) return text;
    if (!("DecompressionStream" in self))
      fail("浏览器太旧,请用收据文件 the browser is too old for codes: use the file");
    const stream = new Blob([base32(text.slice(5))]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  };

  const keyId = (name, key) => sha(join(utf8(name + "\n"), [1], key)).slice(0, 4);
  const print = (key) => hex(sha(key)).slice(0, 16).match(/.{4}/g).join(" ");

  // RFC 9162 §2.1.3.2
  const included = (H, leaf, index, size, proof, root) => {
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return false;
    let fn = BigInt(index),
      sn = BigInt(size) - 1n,
      r = leaf;
    for (const p of proof) {
      if (sn === 0n) return false;
      if (fn & 1n || fn === sn) {
        r = H(join([1], p, r));
        while (fn && !(fn & 1n)) {
          fn >>= 1n;
          sn >>= 1n;
        }
      } else r = H(join([1], r, p));
      fn >>= 1n;
      sn >>= 1n;
    }
    return sn === 0n && same(r, root);
  };

  // C2SP signed-note and tlog-checkpoint: three lines, a blank one, signatures; only lines by the receipt's key count
  const readNote = (note, key) => {
    const odd = "存证点读不懂 no checkpoint";
    const cut = note.lastIndexOf("\n\n");
    const text = note.slice(0, cut + 1);
    const [origin, size, root, rest, ...more] = text.split("\n");
    if (cut < 0 || rest !== "" || more.length || !/^[^\s+]+$/u.test(origin) || !/^(0|[1-9]\d*)$/.test(size)) fail(odd);
    const lines = note.slice(cut + 2).split("\n");
    if (lines.pop() !== "" || !lines.length || lines.length > 100) fail(odd);
    const seals = lines
      .map((line) => line.match(/^— ([^\s+]+) (\S+)$/u) || fail(odd))
      .map(([, name, seal]) => [name, fromBase64(seal)]);
    const ours = seals.filter(([name, seal]) => name === origin && same(seal.slice(0, 4), keyId(name, key)));
    if (!ours.length) fail("存证点由另一把钥匙签名 signed with another key");
    const holds = ([, seal]) => seal.length === 68 && nacl.sign.detached.verify(utf8(text), seal.slice(4), key);
    if (key.length !== 32 || !ours.every(holds)) fail("存证点签名不成立 the signature does not hold");
    return { origin, size: Number(size), root: fromBase64(root) };
  };

  const check = (text) => {
    let d;
    try {
      d = JSON.parse(text);
    } catch {
      fail("不是收据 no receipt");
    }
    if (!d || d.format !== "bihuan-receipt/2" || !Object.hasOwn(HASHES, d.hash)) fail("不是收据 no receipt");
    const key = fromBase64(d.key);
    const { origin, size, root } = readNote(d.checkpoint, key);
    const body = canonical(d.event);
    const H = HASHES[d.hash];
    const link = hex(sha(utf8(d.previous + "\n" + body)));
    const leaf = H(join([0], utf8(link + "\n" + body)));
    if (!included(H, leaf, d.index, size, d.proof.map(fromHex), root))
      fail(
        "该事件不在已签名的存证中:事件或收据被改动过 the event is not in the signed ledger: it or the receipt was changed",
      );
    return { d, origin, size, print: print(key) };
  };

  const run = async (text) => {
    try {
      const { d, origin, size, print } = check(await unpack(text));
      const e = d.event;
      say(true, [
        "✓ 收据成立 The receipt holds",
        `事件 Event: ${e.stream}#${e.seq} ${e.type}`,
        `时间 At: ${e.at} · 录入 entered ${e.entered}`,
        `经办 By: ${e.by} (${e.unit})`,
        `第 ${d.index + 1} / ${size} 条 · ${d.hash} · 日志 log ${origin}`,
        `存证点时间（由签发单位自述） Checkpoint, as the office says: ${d.at}`,
        `签名钥匙 Key: ${print}(请与该区公布的指纹核对 compare with the fingerprint that the district publishes)`,
        "内容 What it says: " + JSON.stringify(e.data, null, 1),
      ]);
    } catch (error) {
      say(false, ["✗ " + error.message]);
    }
  };
  document.getElementById("file").addEventListener("change", async (event) => {
    if (event.target.files[0]) run(await event.target.files[0].text());
  });
  document.getElementById("go").addEventListener("click", () => run(document.getElementById("code").value));
})();
