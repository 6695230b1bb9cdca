// Octets that the core once read wrongly. A failing law prints its counterexample in this form: paste it, and say what was wrong.
// Next file: regressions.test.ts, which shows them to the core and to the oracle.
import type { Bytes, DeflateParams, Limits, Role } from "../../core/types.ts";
import { fromHex } from "../frames/encode.ts";

export interface Regression {
  /** What was wrong. */
  readonly name: string;
  readonly role: Role;
  readonly deflate: DeflateParams | null;
  readonly limits?: Partial<Limits>;
  readonly bytes: Bytes;
}

const TAKEOVER: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: true, clientTakeover: true };
const FRESH: DeflateParams = { serverWindowBits: 15, clientWindowBits: 15, serverTakeover: false, clientTakeover: false };

export const REGRESSIONS: readonly Regression[] = [
  {
    name: "a final block that ends with the message was taken for one that is cut short",
    role: "server",
    deflate: TAKEOVER,
    bytes: fromHex("c2 86 00000000 63 60 18 30 00 00"),
  },
  {
    name: "the same message twice: the stream behind the first one's final block needs its window",
    role: "server",
    deflate: TAKEOVER,
    bytes: fromHex("c2 86 00000000 63 60 18 30 00 00 c2 86 00000000 63 60 18 30 00 00"),
  },
  {
    name: "what the inflater had no room for was reported only when more octets came",
    role: "client",
    deflate: FRESH,
    bytes: fromHex(
      "42 00 80 45 ecc7d114c0200000c010861042084308218410420821841042184208218ca3f7eefe2ed49d571a4f3be57b67ecc1dd",
    ),
  },
  {
    name: "of a message one octet beyond the limit and corrupt behind it, either may be found first",
    role: "client",
    deflate: TAKEOVER,
    limits: { message: 6 },
    bytes: fromHex("c2 0b 62 60 00 00 03 00 01 00 00 ff ff 01"),
  },
  {
    name: "a compressed message without octets was taken for one that is cut short",
    role: "client",
    deflate: FRESH,
    bytes: fromHex("c1 00"),
  },
];
