// Row K, as far as it is octets: control frames and Closes that break the rules, and those that look as if they did. RFC 6455 §5.5, §7.4.
// Next file: attacks-deflate.ts.
import { fromHex, utf8 } from "../frames/encode.ts";
import { isCloseCode } from "../frames/oracle.ts";
import { close, failing, type FrameAttack, heardClose, passing, text } from "./attack.ts";

const BORDERS: readonly number[] = [
  ...[0, 1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016],
  ...[1100, 2000, 2999, 3000, 3999, 4000, 4999, 5000, 65535],
];

export const CONTROL: readonly FrameAttack[] = [
  ...[8, 9, 10].flatMap((opcode) => [
    ...failing("K1", `opcode ${opcode} with 126 octets`, "BAD_CONTROL", [{ opcode, payload: new Uint8Array(126) }]),
    ...failing("K1", `opcode ${opcode} with 65,536 octets, seen on two`, "BAD_CONTROL", [{ opcode, declare: 65536 }]),
    ...failing("K1", `opcode ${opcode} without FIN`, "BAD_CONTROL", [{ opcode, fin: false }]),
    ...failing("K1", `opcode ${opcode} with RSV1`, "RESERVED_BIT", [{ opcode, rsv: 4 }]),
  ]),
  ...passing("K1", "a Ping of 125 octets", [{ opcode: 9, payload: new Uint8Array(125) }], [
    { type: "ping", data: new Uint8Array(125) },
  ], [`pong ${"00".repeat(125)}`]),
  ...failing("K2", "a Close with one octet", "BAD_CLOSE", [{ opcode: 8, payload: fromHex("03") }]),
  ...BORDERS.filter((code) => !isCloseCode(code)).flatMap((code) =>
    failing("K3", `code ${code}`, "BAD_CLOSE", [close(code, "x")])
  ),
  ...BORDERS.filter(isCloseCode).flatMap((code) =>
    passing("K4", `code ${code} comes back`, [close(code, "bye")], [heardClose(code, "bye")], [`close ${code}`])
  ),
  ...passing("K5", "an empty Close", [{ opcode: 8 }], [heardClose(1005)], ["close"]),
  ...failing("K6", "a reason that is not UTF-8", "BAD_UTF8", [close(1000, fromHex("ce ba e1 bd b9 ed a0 80"))]),
  ...failing("K6", "a reason that is cut short", "BAD_UTF8", [close(1000, fromHex("e2 82"))]),
  ...passing("K6", "a reason of 123 octets", [close(1000, "é".repeat(61) + "x")], [heardClose(1000, "é".repeat(61) + "x")], [
    "close 1000",
  ]),
  ...passing(
    "K8",
    "data, garbage, a second Close and a Ping behind the Close",
    [close(1000), text("late"), { opcode: 3, rsv: 7 }, close(1001), { opcode: 9, payload: utf8("late") }],
    [heardClose(1000)],
    ["close 1000"],
  ),
  ...failing("K8", "anything behind a fault", "RESERVED_OPCODE", [{ opcode: 3 }, text("late"), { opcode: 9 }, close(1000)]),
  ...passing("K15", "a Pong that nobody asked for", [{ opcode: 10, payload: utf8("?") }, { opcode: 10 }], [
    { type: "pong", data: utf8("?") },
    { type: "pong", data: utf8("") },
  ]),
];
