import { describe, expect, it } from "vitest";
import {
  CLOSE_RECEIVED,
  CLOSE_SENT,
  CLOSED,
  CONNECTING,
  DESTROY,
  END,
  ENDED,
  FAULTED,
  OVER,
  REFUSED,
  roleOf,
  SERVER,
} from "./state.ts";
import { stateOf, transportOf } from "./state.ts";

describe("the bits of a connection", () => {
  it("make it connecting, open, closing or closed, the last of these that is true", () => {
    expect(stateOf(CONNECTING | SERVER)).toBe("connecting");
    expect(stateOf(SERVER)).toBe("open");
    expect(stateOf(ENDED)).toBe("open"); // what came before the end can still be answered
    for (const bit of [CLOSE_SENT, CLOSE_RECEIVED, FAULTED, REFUSED, OVER]) {
      expect(stateOf(bit)).toBe("closing");
      expect(stateOf(bit | CONNECTING)).toBe("closing");
      expect(stateOf(bit | CLOSED)).toBe("closed");
    }
  });
  it("tell the transport the strongest instruction, and the role", () => {
    expect([0, END, DESTROY, END | DESTROY].map(transportOf)).toEqual(["keep", "end", "destroy", "destroy"]);
    expect([SERVER, 0].map(roleOf)).toEqual(["server", "client"]);
  });
});
