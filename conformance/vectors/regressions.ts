// Octets that once showed a bug, each with what must come of them. What comes in: nothing. What goes out: data; empty is the best there
// can be said of it. A law that fails prints its counterexample in this form (support/law.ts). Next file: played.ts.
import type { DeflateParams } from "../../core/types.ts";
import { fromHex } from "../frames/encode.ts";
import type { Attack } from "./vector.ts";

const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
const ZEROS = `binary ${"00".repeat(123)}`;

export const REGRESSIONS: readonly Attack[] = [
  {
    row: "P4",
    name: "a final block that ends with the message was taken for one that is cut short",
    role: "server",
    deflate: TAKEOVER,
    input: fromHex("c2 86 00000000 63 60 18 30 00 00"),
    events: [ZEROS],
    answer: null,
  },
  {
    row: "P4",
    name: "and the stream behind it, in the next message, needs the window of the first",
    role: "server",
    deflate: TAKEOVER,
    input: fromHex("c2 86 00000000 63 60 18 30 00 00 c2 86 00000000 63 60 18 30 00 00"),
    events: [ZEROS, ZEROS],
    answer: null,
  },
  {
    row: "P4",
    name: "a compressed message without octets was taken for one that is cut short",
    role: "client",
    deflate: TAKEOVER,
    input: fromHex("c1 00"),
    events: ["text "],
    answer: null,
  },
  {
    row: "P2",
    name: "what the inflater had no room for was reported as a piece only when more octets came",
    role: "client",
    deflate: TAKEOVER,
    input: fromHex(
      "42 00 80 45 ecc7d114c0200000c010861042084308218410420821841042184208218ca3f7eefe2ed49d571a4f3be57b67ecc1dd",
    ),
    events: [],
    answer: null,
  },
];
