"""Checkpoints are the notes that other logs and their witnesses read and write: the published examples, byte for byte."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bihuan.kernel.domain import notes
from bihuan.kernel.domain.notes import Head, LogKey, read_key, read_note, told
from bihuan.kernel.domain.refusal import Refused

ORIGIN = "bihuan.example/ledger"
# the first test key of RFC 8032, 7.1
SECRET = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


class Key:
    """A signer of its own, for a test."""

    def __init__(self, seed: bytes = SECRET) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self.key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data)


HEAD = Head(ORIGIN, 20_852_163, "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62")
TEXT = f"{ORIGIN}\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
KEY = LogKey(ORIGIN, PUBLIC)


def signed(text: str, key: Key | None = None, name: str = ORIGIN) -> str:
    """A note of any text, as somebody else might write it."""
    key = key or Key()
    return f"{text}\n{line(text.encode(), key, name)}"


def line(data: bytes, key: Key, name: str, kind: bytes = b"\x01") -> str:
    id_ = sha256(name.encode() + b"\n" + kind + key.public).digest()[:4]
    return f"— {name} {base64.b64encode(id_ + key.sign(data)).decode()}\n"


def test_the_note_is_three_lines_a_blank_one_and_a_signature() -> None:
    note = notes.sign(HEAD, Key())
    assert note == signed(TEXT)
    text, _, seal = note.partition("\n\n")
    assert text + "\n" == TEXT
    raw = base64.b64decode(seal.removeprefix(f"— {ORIGIN} "))
    assert raw[:4] == sha256(b"bihuan.example/ledger\x0a\x01" + PUBLIC).digest()[:4]
    assert len(raw) == 4 + 64
    assert read_note(note, KEY) == HEAD


def test_an_empty_tree_has_size_zero() -> None:
    empty = Head(ORIGIN, 0, sha256(b"").hexdigest())
    assert notes.sign(empty, Key()).startswith(f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— ")
    assert read_note(notes.sign(empty, Key()), KEY) == empty


def test_the_published_key_of_another_program_gets_the_same_id() -> None:
    """PeterNeumann is the example of Go's note package, which the format comes from."""
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = read_key(text + "\n")
    assert (key.name, key.id.hex(), key.text()) == ("PeterNeumann", "c74f20a3", text)
    said = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
        "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=",
    )
    raw = base64.b64decode(said[1])
    assert raw[:4] == key.id
    assert key.signed(said[0], raw[4:])


def test_the_published_checkpoint_with_a_cosignature_reads() -> None:
    """The example of C2SP tlog-cosignature."""
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    assert told(note) == Head("example.com/behind-the-sofa", HEAD.size, HEAD.root)
    with pytest.raises(Refused, match="another key"):
        read_note(note, LogKey("example.com/behind-the-sofa", PUBLIC))


def test_lines_by_others_are_left_alone() -> None:
    other = Key(bytes(range(32)))
    stamped = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    id_ = sha256(b"witness.example/w1\n\x04" + other.public).digest()[:4]
    cosigned = base64.b64encode(id_ + (1679315147).to_bytes(8, "big") + other.sign(stamped)).decode()
    foreign = [
        line(TEXT.encode(), other, "audit.example/office"),
        line(TEXT.encode(), other, ORIGIN),  # our name, another key
        line(b"something else", other, "audit.example/office"),
        f"— witness.example/w1 {cosigned}\n",
        f"— pq.example/w {base64.b64encode(bytes(2432)).decode()}\n",  # the length of ML-DSA-44
    ]
    ours = signed(TEXT)
    assert read_note(ours + "".join(foreign), KEY) == HEAD
    text, _, seal = ours.rpartition("\n\n")
    assert read_note(f"{text}\n\n{''.join(foreign)}{seal}", KEY) == HEAD
    for extra in foreign:
        with pytest.raises(Refused, match="another key"):
            read_note(f"{TEXT}\n{extra}", KEY)


def test_one_false_signature_by_a_known_key_spoils_the_note() -> None:
    good, false = signed(TEXT), line(b"something else", Key(), ORIGIN)
    for note in (good + false, f"{TEXT}\n{false}{good.rpartition(chr(10) * 2)[2]}", f"{TEXT}\n{false}"):
        with pytest.raises(Refused, match="does not hold"):
            read_note(note, KEY)


def test_several_keys_of_a_log_are_known() -> None:
    new = Key(bytes(range(32)))
    keys = [KEY, LogKey(ORIGIN, new.public)]
    assert read_note(signed(TEXT), *keys) == read_note(signed(TEXT, new), *keys) == HEAD
    with pytest.raises(Refused, match="another key"):
        read_note(signed(TEXT), keys[1])
    with pytest.raises(Refused, match="another key"):
        read_note(signed(TEXT))


def test_a_note_of_another_log_is_refused() -> None:
    other = Head("bihuan.other.example/ledger", HEAD.size, HEAD.root)
    with pytest.raises(Refused, match=r"another log: bihuan\.other\.example/ledger"):
        read_note(notes.sign(other, Key()), KEY)
    # signed with our key in the name of another log
    with pytest.raises(Refused, match="another key"):
        read_note(signed(TEXT, name="bihuan.other.example/ledger"), KEY)


ROOT = TEXT.split("\n")[2]


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "hash sha256\n",
        TEXT + "hash sha256\nat 2026-11-30T00:00:00.000000Z\n",
        TEXT.replace("20852163", "020852163"),
        TEXT.replace("20852163", "+20852163"),
        TEXT.replace("20852163", "-1"),
        TEXT.replace("20852163", "20_852_163"),
        TEXT.replace("20852163", "²"),
        TEXT.replace("20852163", "２０"),
        TEXT.replace("20852163", "9" * 5000),
        TEXT.replace("20852163", str(2**63)),
        TEXT.replace("20852163", ""),
        TEXT.replace(ORIGIN, ""),
        TEXT.replace(ORIGIN, "two words"),
        TEXT.replace(ORIGIN, "a+b"),
        TEXT.replace(ORIGIN, "a\u2028b"),
        TEXT.replace("=", ""),
        TEXT.replace("I=", "J="),
        TEXT.replace(ROOT, base64.b64encode(bytes(31)).decode()),
        TEXT.replace(ROOT, base64.b64encode(bytes(33)).decode()),
        TEXT.replace("\n", "\r\n"),
        "\n" + TEXT,
        f"{ORIGIN}\n20852163\n",
    ],
)
def test_any_other_text_is_no_checkpoint_though_it_is_signed(text: str) -> None:
    with pytest.raises(Refused, match="no checkpoint"):
        read_note(signed(text), KEY)


GOOD = f"{TEXT}\n{line(TEXT.encode(), Key(), ORIGIN)}"


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        TEXT,
        TEXT + "\n",
        GOOD[:-1],
        GOOD + "\n",
        GOOD + "rubbish\n",
        GOOD.replace("—", "-"),
        GOOD.replace("— ", "—  "),
        GOOD + "— x AAAA\n",
        GOOD + "— x !!!!\n",
        GOOD + "— x\u3000y AAAAAAAA\n",
        GOOD + "\x01",
        GOOD + line(TEXT.encode(), Key(), "x") * 100,
        GOOD.replace("\n\n", "\n"),
    ],
)
def test_a_damaged_note_is_refused(note: str) -> None:
    assert read_note(GOOD, KEY) == HEAD
    with pytest.raises(Refused, match="no checkpoint"):
        read_note(note, KEY)


def test_a_signer_that_answers_with_something_else_is_refused() -> None:
    class Wrong(Key):
        def sign(self, data: bytes) -> bytes:
            return bytes(64)

    class Short(Key):
        def sign(self, data: bytes) -> bytes:
            return super().sign(data)[:63]

    for signer in (Wrong(), Short()):
        with pytest.raises(Refused, match="no signature by its key"):
            notes.sign(HEAD, signer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab" * 32,
        KEY.text().replace("+", " "),
        KEY.text().replace(KEY.id.hex(), "00000000"),
        KEY.text().replace(KEY.id.hex(), KEY.id.hex().upper()),
        KEY.text()[:-4],
        KEY.text() + "====",
        KEY.text().replace("bihuan", ""),
        "a b" + KEY.text(),
        # its id is right, its kind is that of a witness
        f"w+{sha256(bytes([119, 10, 4]) + PUBLIC).digest()[:4].hex()}+{base64.b64encode(bytes([4]) + PUBLIC).decode()}",
    ],
)
def test_what_is_no_public_key_of_a_log_is_refused(text: str) -> None:
    assert read_key(KEY.text()) == KEY
    with pytest.raises(Refused, match="no public key"):
        read_key(text)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("bihuan.zhengdong.example/ledger", True),
        ("郑东新区/存证", True),
        ("", False),
        ("a b", False),
        ("a\u3000b", False),
        ("a+b", False),
        ("a\nb", False),
        ("a\u200bb", False),
    ],
)
def test_what_a_log_may_be_called(name: str, good: bool) -> None:
    assert notes.is_name(name) is good
