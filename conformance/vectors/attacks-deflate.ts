// Row P, as far as it is octets: compressed messages that break RFC 7692 or RFC 1951, and forms that look as if they did. The payloads are
// written out or made by node:zlib. RFC 7692 §6, §7.2. Next file: attacks-handshake.ts.
import { constants, deflateRawSync } from "node:zlib";
import type { DeflateParams } from "../../core/types.ts";
import { concat, type FrameSpec, fromHex, utf8 } from "../frames/encode.ts";
import { failing, type FrameAttack, heardText, passing, text } from "./attack.ts";

const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
const FRESH: DeflateParams = { ...TAKEOVER, serverTakeover: false, clientTakeover: false };
const NARROW: DeflateParams = { serverWindowBits: 8, clientWindowBits: 8, serverTakeover: true, clientTakeover: true };

const HELLO = fromHex("f2 48 cd c9 c9 07 00");
/** "Hello" that refers back to a "Hello" before it (RFC 7692 §7.2.3.2). */
const AGAIN = fromHex("f2 00 11 00 00");
/** "Hello" as a stream that ends (RFC 7692 §7.2.3.4, without the octet behind it). */
const FINAL = fromHex("f3 48 cd c9 c9 07 00");
const packed = (payload: Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec => ({ opcode: 1, rsv: 4, payload, ...more });
const hello = heardText("Hello");
const with_ = (deflate: DeflateParams, limit = 16 << 20): Pick<FrameAttack, "deflate" | "options"> => ({
  deflate,
  options: { limits: { message: limit } },
});
const flushed = (data: Uint8Array): Uint8Array => deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
/** A stored block (RFC 1951 §3.2.4). */
function stored(data: Uint8Array, final = false): Uint8Array {
  const size = data.byteLength;
  return concat([Uint8Array.of(final ? 1 : 0, size, size >> 8, ~size, ~size >> 8), data]);
}

const BOMB = deflateRawSync(new Uint8Array(2 * 1024 * 1024));

export const DEFLATE: readonly FrameAttack[] = [
  ...failing("P1", "RSV1 on a continuation", "RESERVED_BIT", [packed(HELLO.subarray(0, 3), { fin: false }), { opcode: 0, rsv: 4 }], {
    deflate: TAKEOVER,
  }),
  ...failing("P1", "RSV1 on a Ping", "RESERVED_BIT", [{ opcode: 9, rsv: 4 }], { deflate: TAKEOVER }),
  ...failing("P1", "RSV1 that was not agreed on", "RESERVED_BIT", [packed(HELLO)]),

  ...failing("P2", "2 MiB in 2 KB, in one frame", "MESSAGE_TOO_BIG", [packed(BOMB, { opcode: 2 })], with_(TAKEOVER, 100_000)),
  ...failing("P2", "the same in fragments", "MESSAGE_TOO_BIG", [
    packed(BOMB.subarray(0, 500), { opcode: 2, fin: false }),
    { opcode: 0, fin: false, payload: BOMB.subarray(500, 1500) },
    { opcode: 0, payload: BOMB.subarray(1500) },
  ], with_(TAKEOVER, 100_000)),
  ...passing("P2", "as much as the limit", [packed(flushed(utf8("a".repeat(1000))))], [heardText("a".repeat(1000))], [], with_(TAKEOVER, 1000)),
  ...failing("P2", "one octet more", "MESSAGE_TOO_BIG", [packed(flushed(utf8("a".repeat(1001))))], with_(TAKEOVER, 1000)),
  // Compressed octets may be an eighth and 1,024 more than the limit, and no more, whatever comes out of them.
  ...failing("P2", "many compressed octets, seen on the header", "MESSAGE_TOO_BIG", [packed(new Uint8Array(0), { declare: 2150 })], with_(TAKEOVER, 1000)),

  ...passing("P3", "empty stored blocks", [
    packed(concat([...new Array<Uint8Array>(150).fill(stored(new Uint8Array(0))), HELLO])),
  ], [hello], [], { deflate: TAKEOVER }),
  ...passing("P3", "streams that end, one behind the other", [
    packed(concat([...new Array<Uint8Array>(150).fill(fromHex("03 00")), HELLO])),
  ], [hello], [], { deflate: TAKEOVER }),

  ...passing("P4", "a final block", [packed(FINAL)], [hello], [], { deflate: TAKEOVER }),
  ...passing("P4", "a final block and the octet behind it", [packed(concat([FINAL, fromHex("00")]))], [hello], [], { deflate: TAKEOVER }),
  ...passing("P4", "a final stored block whose end was removed", [packed(fromHex("00 05 00 fa ff 48 65 6c 6c 6f 01"))], [hello], [], {
    deflate: TAKEOVER,
  }),
  // Design section 7 by its letter calls these two cut short. They lose nothing, senders write them, and every peer takes them.
  ...passing("P4", "the end of the flush left in place", [packed(concat([HELLO, fromHex("00 00 ff ff")]))], [hello], [], {
    deflate: TAKEOVER,
  }),
  ...passing("P4", "no octets at all", [packed(new Uint8Array(0))], [heardText("")], [], { deflate: TAKEOVER }),
  ...passing("P4", "a single 00", [packed(fromHex("00"))], [heardText("")], [], { deflate: TAKEOVER }),
  ...passing("P4", "more than 4 KB behind a final block", [
    packed(concat([FINAL, flushed(utf8("x".repeat(5000)))])),
  ], [heardText("Hello" + "x".repeat(5000))], [], { deflate: TAKEOVER }),
  ...passing("P4", "a final block in each message, with a window in common", [packed(FINAL), packed(concat([FINAL, AGAIN])), packed(AGAIN)], [
    hello,
    heardText("HelloHello"),
    hello,
  ], [], { deflate: TAKEOVER }),

  ...passing("P5", "a stream behind a final block goes on, with the same window", [packed(concat([FINAL, AGAIN]))], [
    heardText("HelloHello"),
  ], [], { deflate: FRESH }),
  ...failing("P5", "no block behind a final block", "BAD_DEFLATE", [packed(concat([FINAL, fromHex("07")]))], { deflate: TAKEOVER }),

  ...failing("P6", "cut short inside of a block", "BAD_DEFLATE", [packed(HELLO.subarray(0, 4))], { deflate: TAKEOVER }),
  ...failing("P6", "a stored block that is cut short", "BAD_DEFLATE", [packed(fromHex("00 05 00 fa ff 48 65"))], { deflate: TAKEOVER }),
  ...failing("P6", "cut short, with an empty last fragment", "BAD_DEFLATE", [
    packed(HELLO.subarray(0, 4), { fin: false }),
    { opcode: 0 },
  ], { deflate: TAKEOVER }),

  ...failing("P7", "a block of the reserved type", "BAD_DEFLATE", [packed(fromHex("06"))], { deflate: TAKEOVER }),
  ...failing("P7", "a stored block with a wrong complement", "BAD_DEFLATE", [packed(fromHex("00 05 00 00 00 48"))], { deflate: TAKEOVER }),
  ...failing("P7", "code lengths that no code has", "BAD_DEFLATE", [packed(fromHex("04 00 fe ff"))], { deflate: TAKEOVER }),
  ...failing("P7", "a distance before the first octet", "BAD_DEFLATE", [packed(AGAIN)], { deflate: TAKEOVER }),
  ...failing("P7", "a distance beyond the window that was agreed on", "BAD_DEFLATE", [
    { ...packed(flushed(noise(1000))), opcode: 2 },
    { ...packed(farBack(noise(1000))), opcode: 2 },
  ], {
    deflate: NARROW,
    told: [{ type: "binary", data: noise(1000) }, { type: "fault", code: "BAD_DEFLATE", closeCode: 1007 }],
  }),

  ...passing("P8", "a reference into the message before, with context takeover", [packed(HELLO), packed(AGAIN)], [hello, hello], [], {
    deflate: TAKEOVER,
  }),
  ...failing("P8", "the same without", "BAD_DEFLATE", [packed(HELLO), packed(AGAIN)], {
    deflate: FRESH,
    told: [hello, { type: "fault", code: "BAD_DEFLATE", closeCode: 1007 }],
  }),
  ...passing(
    "P9",
    "a Ping, a Pong and a plain message between compressed ones",
    [packed(HELLO), { opcode: 9, payload: utf8("p") }, { opcode: 10 }, text("plain"), packed(AGAIN)],
    [hello, { type: "ping", data: utf8("p") }, { type: "pong", data: utf8("") }, heardText("plain"), hello],
    ["pong 70"],
    { deflate: TAKEOVER },
  ),
  ...passing(
    "P9",
    "a Ping between the fragments of a compressed message",
    [packed(HELLO.subarray(0, 3), { fin: false }), { opcode: 9 }, { opcode: 0, payload: HELLO.subarray(3) }],
    [{ type: "ping", data: utf8("") }, hello],
    ["pong"],
    { deflate: TAKEOVER },
  ),
];

function noise(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
}
/** The same octets again, by a reference that only a window of 32 KiB reaches. */
function farBack(data: Uint8Array): Uint8Array {
  return deflateRawSync(data, { dictionary: data, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}
