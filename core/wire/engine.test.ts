import { describe, expect, it } from "vitest";
import { V8 } from "./engine.ts";

describe("V8", () => {
  it("is what the host says about its engine", () => {
    expect(V8).toBe("v8" in process.versions && !("bun" in process.versions));
  });
});
