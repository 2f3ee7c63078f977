// Checks a receipt in the browser, from disk, without any server. The same steps as `bihuan receipt verify`.
"use strict";
(() => {
  const ORIGIN = "bihuan-ledger";
  const say = (good, lines) => {
    const out = document.getElementById("answer");
    out.className = good ? "good" : "bad";
    out.replaceChildren(...lines.map((line) => Object.assign(document.createElement("p"), { textContent: line })));
  };
  const fail = (text) => { throw new Error(text); };
  const utf8 = (text) => new TextEncoder().encode(text);
  const fromHex = (hex) => /^([0-9a-f]{2})*$/.test(hex) ? Uint8Array.from(hex.match(/../g) || [], (h) => parseInt(h, 16)) : fail("不是收据 no receipt");
  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const join = (...parts) => Uint8Array.from(parts.flatMap((p) => Array.from(p)));
  const same = (a, b) => hex(a) === hex(b);
  const sha = (bytes) => Uint8Array.from(sha256.array(bytes));
  const HASHES = { sha256: sha, sm3: (bytes) => fromHex(sm3(Array.from(bytes))) };

  // RFC 8785: what a browser writes is the definition, but for the order of names
  const canonical = (v) => Array.isArray(v) ? "[" + v.map(canonical).join(",") + "]"
    : v && typeof v === "object" ? "{" + Object.keys(v).sort().map((k) => JSON.stringify(k) + ":" + canonical(v[k])).join(",") + "}"
    : JSON.stringify(v);

  const base32 = (text) => {
    const bytes = []; let bits = 0, value = 0;
    for (const c of text) {
      const i = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
      if (i < 0) fail("不是收据 no receipt");
      value = ((value << 5) | i) & 0xfff; bits += 5;
      if (bits >= 8) { bits -= 8; bytes.push((value >> bits) & 255); }
    }
    return Uint8Array.from(bytes);
  };
  const unpack = async (text) => {
    text = text.trim();
    if (!text.startsWith("BHR1:")) return text;
    if (!("DecompressionStream" in self)) fail("浏览器太旧,请用收据文件 the browser is too old for codes: use the file");
    const stream = new Blob([base32(text.slice(5))]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  };

  const keyId = (key) => sha(join(utf8(ORIGIN + "\n"), [1], key)).slice(0, 4);
  const print = (key) => hex(sha(key)).slice(0, 16).match(/.{4}/g).join(" ");

  // RFC 9162 §2.1.3.2
  const included = (H, leaf, index, size, proof, root) => {
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size)) return false;
    let fn = BigInt(index), sn = BigInt(size) - 1n, r = leaf;
    for (const p of proof) {
      if (sn === 0n) return false;
      if (fn & 1n || fn === sn) {
        r = H(join([1], p, r));
        while (fn && !(fn & 1n)) { fn >>= 1n; sn >>= 1n; }
      } else r = H(join([1], r, p));
      fn >>= 1n; sn >>= 1n;
    }
    return sn === 0n && same(r, root);
  };

  const check = (text) => {
    let d;
    try { d = JSON.parse(text); } catch { fail("不是收据 no receipt"); }
    if (!d || d.format !== "bihuan-receipt/1") fail("不是收据 no receipt");
    const key = fromBase64(d.key);
    const cut = d.checkpoint.indexOf("\n\n");
    const head = d.checkpoint.slice(0, cut + 1);
    const [origin, size, root, hash, at] = head.split("\n");
    const seal = fromBase64(d.checkpoint.slice(cut + 2).trim().replace("— " + ORIGIN + " ", ""));
    if (origin !== ORIGIN || !hash.startsWith("hash ") || !HASHES[hash.slice(5)]) fail("存证点读不懂 no checkpoint");
    if (!same(seal.slice(0, 4), keyId(key))) fail("存证点由另一把钥匙签名 signed with another key");
    if (!nacl.sign.detached.verify(utf8(head), seal.slice(4), key)) fail("存证点签名不成立 the signature does not hold");
    const body = canonical(d.event);
    const H = HASHES[hash.slice(5)];
    const link = hex(sha(utf8(d.previous + "\n" + body)));
    const leaf = H(join([0], utf8(link + "\n" + body)));
    if (!included(H, leaf, d.index, Number(size), d.proof.map(fromHex), fromBase64(root)))
      fail("该事件不在已签名的存证中:事件或收据被改动过 the event is not in the signed ledger: it or the receipt was changed");
    return { d, size, hash: hash.slice(5), at: at.slice(3), print: print(key) };
  };

  const run = async (text) => {
    try {
      const { d, size, hash, at, print } = check(await unpack(text));
      const e = d.event;
      say(true, [
        "✓ 收据成立 The receipt holds", `事件 Event: ${e.stream}#${e.seq} ${e.type}`, `时间 At: ${e.at} · 录入 entered ${e.entered}`,
        `经办 By: ${e.by} (${e.unit})`, `第 ${d.index + 1} / ${size} 条 · ${hash} · 存证点 checkpoint ${at}`,
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
