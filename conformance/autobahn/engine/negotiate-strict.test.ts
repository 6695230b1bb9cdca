import { describe, expect, it } from "vitest";
import { BEYOND } from "../cases/beyond/all.ts";
import { extension } from "../cases/beyond/words.ts";
import { acceptOffer, parseExtensions, readOffer } from "./negotiate.ts";
import { canBeAgreed, judgeAgreement } from "./negotiate-strict.ts";

const PMD = "permessage-deflate";
const isAllowed = (offers: string, answer: string): boolean =>
  judgeAgreement(`${PMD}${offers}`, parseExtensions(`${PMD}${answer}`)[0].parameters) === null;

describe("judgeAgreement", () => {
  it("wants what the offer demands: RFC 7692 §7.1.1.1, §7.1.2.1", () => {
    expect([
      isAllowed("; server_no_context_takeover", ""),
      isAllowed("; server_no_context_takeover", "; server_no_context_takeover"),
    ])
      .toEqual([false, true]);
    const bits = (answer: string): boolean => isAllowed("; server_max_window_bits=10", answer);
    expect(["", "; server_max_window_bits=11", "; server_max_window_bits=10", "; server_max_window_bits=8"].map(bits))
      .toEqual([false, false, true, true]);
    expect(isAllowed("", "; server_max_window_bits=9; client_no_context_takeover; server_no_context_takeover")).toBe(true);
  });

  it("allows a window for the client only where one was offered, and none that is larger: §7.1.2.2", () => {
    const bits = (offer: string): boolean => isAllowed(offer, "; client_max_window_bits=10");
    expect(["", "; client_max_window_bits=9", "; client_max_window_bits=10", "; client_max_window_bits"].map(bits))
      .toEqual([false, false, true, true]);
    expect(isAllowed("; client_max_window_bits", "; client_max_window_bits")).toBe(false);
  });

  it("needs one offer that allows everything in the answer", () => {
    const two = `; server_max_window_bits=9, ${PMD}; client_max_window_bits`;
    expect([isAllowed(two, "; server_max_window_bits=9"), isAllowed(two, "; client_max_window_bits=9")]).toEqual([true, true]);
    expect(isAllowed(`; server_no_context_takeover, ${PMD}; unknown`, "")).toBe(false);
  });

  it("allows no answer that breaks a rule itself", () => {
    for (const wrong of ["unknown", "server_max_window_bits=08", "server_max_window_bits", "server_no_context_takeover=1"]) {
      expect([wrong, isAllowed("", `; ${wrong}`)]).toEqual([wrong, false]);
    }
  });
});

describe("canBeAgreed", () => {
  it("tells the offers of 24.1 and 24.3 from those of 24.2", () => {
    for (const { id, deflate, role } of BEYOND.filter((one) => one.id.startsWith("24.") && one.role === "client")) {
      expect([id, role, canBeAgreed(deflate!)]).toEqual([id, "client", !id.startsWith("24.2.")]);
    }
  });
});

describe("acceptOffer, for an answer of a case's own", () => {
  const accepted = (offer: string, text: string): string | undefined => {
    const read = readOffer(parseExtensions(`${PMD}${offer}`)[0].parameters);
    return "value" in read ? acceptOffer([read.value], extension(text))?.text : undefined;
  };

  it("adds what the offer demands, and gives none where no offer allows it", () => {
    expect(accepted("", `${PMD}; server_max_window_bits=9`)).toBe(`${PMD}; server_max_window_bits=9`);
    expect(accepted("; server_no_context_takeover; server_max_window_bits=10", PMD)).toBe(
      `${PMD}; server_no_context_takeover; server_max_window_bits=10`,
    );
    expect(accepted("; server_no_context_takeover", `${PMD}; server_no_context_takeover`)).toBe(
      `${PMD}; server_no_context_takeover`,
    );
    expect(accepted("", `${PMD}; client_max_window_bits=9`)).toBeUndefined();
    expect(acceptOffer([], extension(PMD))).toBeNull();
  });
});
