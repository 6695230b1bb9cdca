// Plays the attack vectors. What is no string of octets stands in attacks-api.test.ts. Next file: attack.ts.
import { describe, it } from "vitest";
import { PATIENCE } from "../support/law.ts";
import { playFrames, playRequest, playResponse } from "./attack.ts";
import { CONTROL } from "./attacks-control.ts";
import { DEFLATE } from "./attacks-deflate.ts";
import { FRAMES, MESSAGES } from "./attacks-frames.ts";
import { REQUESTS } from "./attacks-handshake.ts";
import { RESPONSES } from "./attacks-response.ts";

describe("opening handshake of a server", PATIENCE, () => {
  it.each(REQUESTS)("$row: $name", playRequest);
});
describe("opening handshake of a client", PATIENCE, () => {
  it.each(RESPONSES)("$row: $name", playResponse);
});

describe.each([["frames", FRAMES], ["messages", MESSAGES], ["control", CONTROL], ["permessage-deflate", DEFLATE]])(
  "%s",
  PATIENCE,
  (_, attacks) => {
    it.each(attacks)("$row: $name", playFrames);
  },
);
