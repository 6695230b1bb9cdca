// What comes in: nothing. What goes out: the examples of RFC 6455 §5.7 and of RFC 7692 §7.2.3, octet by octet as printed there,
// with the events they stand for. Next file: rfc.test.ts, which shows them to the oracle and to the core.
import type { DeflateParams, Role } from "../../core/types.ts";
import type { Told } from "../frames/oracle.ts";
import { concat, fromHex, utf8 } from "../frames/encode.ts";

export interface Vector {
  readonly name: string;
  readonly section: string;
  /** Who reads it. */
  readonly reader: Role;
  readonly deflate: DeflateParams | null;
  readonly bytes: Uint8Array;
  readonly told: readonly Told[];
}

const HELLO: Told = { type: "text", data: "Hello" };
const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
const NO_TAKEOVER: DeflateParams = { ...TAKEOVER, serverTakeover: false, clientTakeover: false };

/** The masking key of the masked examples. */
export const KEY: Uint8Array = fromHex("37 fa 21 3d");

const octets256 = Uint8Array.from({ length: 256 }, (_, i) => i);
const octets64k = Uint8Array.from({ length: 65536 }, (_, i) => i >> 3);

function plain(name: string, reader: Role, bytes: Uint8Array, told: readonly Told[]): Vector {
  return { name, section: "RFC 6455 §5.7", reader, deflate: null, bytes, told };
}
function packed(section: string, name: string, hex: string, told: readonly Told[], deflate: DeflateParams = TAKEOVER): Vector {
  return { name, section: `RFC 7692 §7.2.3.${section}`, reader: "client", deflate, bytes: fromHex(hex), told };
}

export const VECTORS: readonly Vector[] = [
  plain("a single-frame unmasked text message", "client", fromHex("81 05 48 65 6c 6c 6f"), [HELLO]),
  plain("a single-frame masked text message", "server", fromHex("81 85 37 fa 21 3d 7f 9f 4d 51 58"), [HELLO]),
  plain("a fragmented unmasked text message", "client", fromHex("01 03 48 65 6c 80 02 6c 6f"), [HELLO]),
  plain("an unmasked Ping request", "client", fromHex("89 05 48 65 6c 6c 6f"), [{ type: "ping", data: utf8("Hello") }]),
  plain("a masked Ping response", "server", fromHex("8a 85 37 fa 21 3d 7f 9f 4d 51 58"), [{ type: "pong", data: utf8("Hello") }]),
  plain("256 bytes binary message in a single unmasked frame", "client", concat([fromHex("82 7e 01 00"), octets256]), [
    { type: "binary", data: octets256 },
  ]),
  plain(
    "64KiB binary message in a single unmasked frame",
    "client",
    concat([fromHex("82 7f 00 00 00 00 00 01 00 00"), octets64k]),
    [
      { type: "binary", data: octets64k },
    ],
  ),
  packed("1", "a message compressed using one compressed DEFLATE block", "c1 07 f2 48 cd c9 c9 07 00", [HELLO]),
  packed("1", "the same in two fragments", "41 03 f2 48 cd 80 04 c9 c9 07 00", [HELLO]),
  packed("2", "two messages that share the LZ77 sliding window", "c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00", [
    HELLO,
    HELLO,
  ]),
  packed("2", "two messages that do not", "c1 07 f2 48 cd c9 c9 07 00 c1 07 f2 48 cd c9 c9 07 00", [HELLO, HELLO], NO_TAKEOVER),
  packed("3", "a DEFLATE block with no compression", "c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00", [HELLO]),
  packed("4", "a DEFLATE block with BFINAL set to 1", "c1 08 f3 48 cd c9 c9 07 00 00", [HELLO]),
  packed("5", "two DEFLATE blocks in one message", "c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00", [HELLO]),
  packed("6", "a compressed empty message", "c1 01 00", [{ type: "text", data: "" }]),
];

/** What a sender writes for the unmasked examples, and for the masked ones with `KEY`. */
export const SENT: readonly {
  readonly name: string;
  readonly role: Role;
  readonly data: string | Uint8Array;
  readonly bytes: Uint8Array;
}[] = [
  { name: "Hello from a server", role: "server", data: "Hello", bytes: fromHex("81 05 48 65 6c 6c 6f") },
  { name: "Hello from a client", role: "client", data: "Hello", bytes: fromHex("81 85 37 fa 21 3d 7f 9f 4d 51 58") },
  { name: "256 octets", role: "server", data: octets256, bytes: concat([fromHex("82 7e 01 00"), octets256]) },
  { name: "64 KiB", role: "server", data: octets64k, bytes: concat([fromHex("82 7f 00 00 00 00 00 01 00 00"), octets64k]) },
];
