import { describe, expect, it } from "vitest";
import { closePayload, concat, encode, fromHex, toHex } from "../../frames/encode.ts";
import { judgeUtf8 } from "../../frames/utf8.ts";
import { CASES, TITLES } from "./all.ts";
import type { Case, Kind, Payload, Step } from "./case.ts";

/** Sub-sections, or sections without such, and how many cases each has. */
const COUNTS = {
  "1.1": 8,
  "1.2": 8,
  "2": 11,
  "3": 7,
  "4.1": 5,
  "4.2": 5,
  "5": 20,
  "6.1": 3,
  "6.2": 4,
  "6.3": 2,
  "6.4": 4,
  "6.5": 5,
  "6.6": 11,
  "6.7": 4,
  "6.8": 2,
  "6.9": 4,
  "6.10": 3,
  "6.11": 5,
  "6.12": 8,
  "6.13": 5,
  "6.14": 10,
  "6.15": 1,
  "6.16": 3,
  "6.17": 5,
  "6.18": 5,
  "6.19": 5,
  "6.20": 7,
  "6.21": 8,
  "6.22": 34,
  "6.23": 7,
  "7.1": 6,
  "7.3": 6,
  "7.5": 1,
  "7.7": 13,
  "7.9": 9,
  "7.13": 2,
  "9.1": 6,
  "9.2": 6,
  "9.3": 9,
  "9.4": 9,
  "9.5": 6,
  "9.6": 6,
  "9.7": 6,
  "9.8": 6,
  "10.1": 1,
  "12.1": 18,
  "12.2": 18,
  "12.3": 18,
  "12.4": 18,
  "12.5": 18,
  "13.1": 18,
  "13.2": 18,
  "13.3": 18,
  "13.4": 18,
  "13.5": 18,
  "13.6": 18,
  "13.7": 18,
};

describe("the cases", () => {
  it("are 517, in order, with as many in each sub-section as the original has", () => {
    const ids = Object.entries(COUNTS).flatMap(([prefix, count]) =>
      Array.from({ length: count }, (_, index) => `${prefix}.${index + 1}`)
    );
    const order = (id: string): number =>
      id.split(".").reduce((sum, part) => sum * 100 + Number(part), 0) * (id.split(".").length === 2 ? 100 : 1);
    expect(CASES.map(({ id }) => id)).toEqual(ids.sort((one, other) => order(one) - order(other)));
    expect(CASES).toHaveLength(517);
  });

  it("stand under titles, and no title stands alone", () => {
    const parents = CASES.flatMap(({ id }) => {
      const parts = id.split(".");
      return parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join("."));
    });
    expect(Object.keys(TITLES).sort()).toEqual([...new Set(parents)].sort());
  });

  it("say in sentences of their own what they send", () => {
    expect(new Set(CASES.map(({ description }) => description)).size).toBe(517);
    for (const { description, expectation } of CASES) {
      expect(description).toMatch(/^[A-Z0-9][^<>]*[.]$/);
      expect(expectation).toMatch(/^[A-Z0-9][^<>]*[.)]$/);
      expect(description.length + expectation.length).toBeLessThan(450);
    }
  });

  it("expect back exactly the data that they send, wherever they expect a message and the fuzzer closes", () => {
    const echoing = CASES.filter(({ expected, close, suppressClose }) =>
      close.closedByMe && suppressClose !== true && expected.some(({ events }) => events.some(({ type }) => type === "message"))
    );
    expect(echoing).toHaveLength(16 + 6 + 2 + 3 + 4 + 63 + 1 + 1);
    for (const one of echoing) {
      const [message, ...more] = one.expected.flatMap(({ events }) => events).filter((event) => event.type === "message");
      expect(more).toEqual([]);
      expect({ id: one.id, kind: message.kind, same: equal(message.payload, dataOf(one)) }).toEqual({
        id: one.id,
        kind: kindOf(one),
        same: true,
      });
    }
  });

  it("expect a Pong for each Ping, in their order, wherever the fuzzer closes", () => {
    for (const one of CASES.filter(({ close, suppressClose }) => close.closedByMe && suppressClose !== true)) {
      const pings = sends(one).flatMap((step) => (step.do === "frame" && step.opcode === 9 ? [octetsOf(step.payload)] : []));
      const pongs = one.expected.flatMap(({ events }) => events).flatMap((
        event,
      ) => (event.type === "pong" ? [event.payload] : []));
      expect(pongs).toEqual(pings);
    }
  });

  it("expect text that is UTF-8, and 1007 for text that is not", () => {
    for (const { expected } of CASES) {
      for (const event of expected.flatMap(({ events }) => events)) {
        if (event.type === "message" && event.kind === "text") expect(isUtf8(event.payload)).toBe(true);
      }
    }
    const whole = CASES.filter(({ id }) => id.startsWith("6.") && !id.startsWith("6.4."));
    expect(whole.filter((one) => !isUtf8(dataOf(one)))).toHaveLength(2 + 6 + 2 + 3 + 1 + 8 + 5 + 10 + 1 + 3 + 5 + 5 + 5 + 7 + 8);
    for (const one of whole) expect([one.id, one.close.codes[0]]).toEqual([one.id, isUtf8(dataOf(one)) ? 1000 : 1007]);
  });

  it("end in time: each one has a timer or a conduct that has one", () => {
    const hasTimer = (steps: readonly Step[]): boolean =>
      steps.some((step) => step.do === "killAfter" || step.do === "closeAfter" || (step.do === "wait" && hasTimer(step.then)));
    for (const one of CASES) expect([one.id, hasTimer(one.steps) !== (one.conduct !== undefined)]).toEqual([one.id, true]);
  });

  it("say which of section 7 close by themselves, and which change their verdict at the end", () => {
    const closing = CASES.filter(({ id }) => id.startsWith("7."));
    expect(closing.filter(({ suppressClose }) => suppressClose === true).map(({ id }) => id)).toEqual(
      [
        "7.1.2",
        "7.1.3",
        "7.1.4",
        "7.1.5",
        "7.1.6",
        "7.3.1",
        "7.3.2",
        "7.3.3",
        "7.3.4",
        "7.3.5",
        "7.3.6",
        "7.5.1",
        "7.13.1",
        "7.13.2",
      ],
    );
    expect(closing.filter(({ ruling }) => ruling === "wrong-code-fails")).toHaveLength(33);
    expect(
      CASES.filter(({ ruling }) => ruling !== undefined && ruling !== "wrong-code-fails").map(({ id, ruling }) => [id, ruling]),
    ).toEqual([
      ["7.1.6", "message-then-close"],
      ["7.5.1", "invalid-reason"],
      ["7.13.1", "undefined-by-rfc"],
      ["7.13.2", "undefined-by-rfc"],
      ["10.1.1", "fragments-counted"],
    ]);
  });
});

/**
 * What the original sends, unmasked: the octets of all frames, one frame after the other. A number stands for so many octets more; a
 * chop or "sync" is written behind the frame, a timer as what it does and after how many seconds.
 */
const ON_THE_WIRE: readonly (readonly [id: string, ...rows: string[]])[] = [
  ["1.1.1", "81 00", "kill 1"],
  ["1.1.2", "81 7d 2a 2a 2a 2a +121", "kill 1"],
  ["1.1.3", "81 7e 00 7e 2a 2a +124", "kill 1"],
  ["1.1.6", "81 7e ff ff 2a 2a +65533", "kill 10"],
  ["1.1.8", "81 7f 00 00 00 00 00 01 +65538 chop 997", "kill 10"],
  ["1.2.7", "82 7f 00 00 00 00 00 01 +65538", "kill 10"],
  ["2.3", "89 08 00 ff fe fd fc fb 00 ff", "end 1"],
  ["2.5", "89 7e 00 7e fe fe +124", "kill 1"],
  ["2.6", "89 7d fe fe fe fe +121 chop 1", "end 2"],
  ["2.7", "8a 00", "88 02 03 e8", "end 1"],
  ["2.9", "8a 18 75 6e 73 6f 6c 69 +18", "89 0c 70 69 6e 67 20 70 +6", "end 1"],
  ["3.1", "91 0d 48 65 6c 6c 6f 2c +7", "kill 1"],
  ["3.2", "81 0d 48 65 6c 6c 6f 2c +7", "a1 0d 48 65 6c 6c 6f 2c +7", "89 00", "kill 1"],
  ["3.3", "81 0d 48 65 6c 6c 6f 2c +7 sync", "b1 0d 48 65 6c 6c 6f 2c +7 sync", "89 00 sync", "kill 1"],
  ["3.4", "81 0d 48 65 6c 6c 6f 2c +7 chop 1", "c1 0d 48 65 6c 6c 6f 2c +7 chop 1", "89 00 chop 1", "kill 1"],
  ["3.5", "d2 08 00 ff fe fd fc fb 00 ff", "kill 1"],
  ["3.6", "e2 0d 48 65 6c 6c 6f 2c +7", "kill 1"],
  ["3.7", "f8 00", "kill 1"],
  ["4.1.1", "83 00", "kill 1"],
  ["4.1.4", "81 0d 48 65 6c 6c 6f 2c +7", "86 0d 48 65 6c 6c 6f 2c +7", "89 00", "kill 1"],
  ["4.2.2", "8c 17 72 65 73 65 72 76 +17", "kill 1"],
  ["4.2.3", "81 0d 48 65 6c 6c 6f 2c +7", "8d 00", "89 00", "kill 1"],
  ["4.2.5", "81 0d 48 65 6c 6c 6f 2c +7 chop 1", "8f 0d 48 65 6c 6c 6f 2c +7 chop 1", "89 00 chop 1", "kill 1"],
  ["5.1", "09 09 66 72 61 67 6d 65 +3", "80 09 66 72 61 67 6d 65 +3", "kill 1"],
  ["5.2", "0a 09 66 72 61 67 6d 65 +3", "80 09 66 72 61 67 6d 65 +3", "kill 1"],
  ["5.7", "01 09 66 72 61 67 6d 65 +3 sync", "89 0c 70 69 6e 67 20 70 +6 sync", "80 09 66 72 61 67 6d 65 +3 sync", "end 1"],
  ["5.9", "80 18 6e 6f 6e 2d 63 6f +18", "81 0d 48 65 6c 6c 6f 2c +7", "kill 1"],
  ["5.14", "00 18 6e 6f 6e 2d 63 6f +18 chop 1", "81 0d 48 65 6c 6c 6f 2c +7 chop 1", "kill 1"],
  [
    "5.15",
    "01 09 66 72 61 67 6d 65 +3",
    "80 09 66 72 61 67 6d 65 +3",
    "00 09 66 72 61 67 6d 65 +3",
    "81 09 66 72 61 67 6d 65 +3",
    "kill 1",
  ],
  ["5.18", "01 09 66 72 61 67 6d 65 +3", "81 09 66 72 61 67 6d 65 +3", "kill 1"],
  ["6.1.3", "01 00", "00 14 6d 69 64 64 6c 65 +14", "80 00", "end 1"],
  ["6.2.2", "01 0f 48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4", "80 0e c3 bc c3 a0 c3 a1 +8", "end 1"],
  ["6.3.1", "81 14 ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64", "kill 1"],
  ["6.4.1", "01 0b ce ba e1 bd b9 cf +5", "wait 1 A", "00 04 f4 90 80 80", "wait 1 B", "80 06 65 64 69 74 65 64", "kill 1"],
  [
    "6.4.2",
    "01 0c ce ba e1 bd b9 cf 83 ce bc ce b5 f4",
    "wait 1 A",
    "00 01 90",
    "wait 1 B",
    "80 08 80 80 65 64 69 74 65 64",
    "kill 1",
  ],
  [
    "6.4.4",
    "01 15",
    "ce ba e1 bd b9 cf 83 ce bc ce b5 f4",
    "wait 1 A",
    "90",
    "wait 1 B",
    "80 80 65 64 69 74 65 64",
    "80 00",
    "kill 1",
  ],
  ["6.6.11", "81 0b ce ba e1 bd b9 cf 83 ce bc ce b5", "kill 0.5"],
  ["6.12.8", "81 3f 80 81 82 83 84 85 +57", "kill 0.5"],
  ["6.13.1", "81 3e c0 20 c1 20 c2 20 +56", "kill 0.5"],
  ["6.13.5", "81 02 fc 20", "kill 0.5"],
  ["6.15.1", "81 1e c0 e0 80 f0 80 80 f8 80 80 80 fc 80 80 80 80 df +14", "kill 0.5"],
  ["6.22.3", "81 04 f0 9f bf be", "kill 0.5"],
  ["6.22.34", "81 04 f4 8f bf bf", "kill 0.5"],
  ["7.1.2", "88 02 03 e8", "88 00", "kill 1"],
  ["7.1.5", "01 09 66 72 61 67 6d 65 +3", "88 02 03 e8", "80 09 66 72 61 67 6d 65 +3", "kill 1"],
  ["7.1.6", "81 7f 00 00 00 00 00 04 +262146", "81 0c 48 65 6c 6c 6f 20 +6", "88 02 03 e8", "89 00", "kill 1"],
  ["7.3.1", "88 00", "kill 1"],
  ["7.3.2", "88 01 61", "kill 1"],
  ["7.3.5", "88 7d 03 e8 2a 2a 2a 2a +119", "kill 1"],
  ["7.3.6", "88 7e 00 7e 03 e8 2a 2a +122", "kill 1"],
  ["7.5.1", "88 16 03 e8 ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 +6", "kill 1"],
  ["7.7.13", "88 02 13 87", "kill 1"],
  ["7.9.1", "88 02 00 00", "kill 1"],
  ["7.13.2", "88 02 ff ff", "kill 1"],
  ["9.1.6", "81 7f 00 00 00 00 01 00 00 00 42 41 73 64 37 26 6a 68 32 33 42 41 +16777204"],
  ["9.6.3", "82 7f 00 00 00 00 00 10 00 00 00 fe 23 fa f0 00 fe +1048569 chop 256"],
];

describe("the steps", () => {
  it.each(ON_THE_WIRE)("of %s are what the original sends", (id, ...rows) => {
    const steps = flat(the(id).steps);
    expect(steps).toHaveLength(rows.length);
    steps.forEach((step, index) => expect(rowOf(step, rows[index])).toBe(rows[index]));
  });

  it("of 5.19 and 5.20 pause once, without a tag, and go on even if a close has begun", () => {
    for (const id of ["5.19", "5.20"]) {
      const waits = the(id).steps.filter((step) => step.do === "wait");
      expect(waits).toHaveLength(1);
      expect({ ...waits[0], then: waits[0].then.map((step) => step.do) }).toEqual(
        { do: "wait", seconds: 1, then: ["frame", "frame", "frame", "frame", "closeAfter"] },
      );
      expect(sends(the(id)).every((step) => step.do === "frame" && (step.sync ?? false) === (id === "5.20"))).toBe(true);
    }
  });

  it("of section 9 send other octets in 9.4.1 than in the rest of 9.4", () => {
    const first = (id: string) => sends(the(id)).map((step) => octetsOf(step.payload).slice(0, 2));
    expect([first("9.3.1"), first("9.4.1"), first("9.4.2"), first("9.4.9")].map(([octets]) => toHex(octets))).toEqual(
      ["2a 2a", "fe fe", "2a 2a", "2a 2a"],
    );
  });
});

describe("what is expected", () => {
  it.each([
    ["3.2", ["OK", "NON-STRICT"], [1002], false],
    ["3.5", ["OK"], [1002], false],
    ["4.2.4", ["OK", "NON-STRICT"], [1002], false],
    ["5.15", ["OK", "NON-STRICT"], [1002], false],
    ["6.4.3", ["OK", "NON-STRICT"], [1007], false],
    ["7.1.6", ["OK", "NON-STRICT"], [1000], true],
    ["7.3.2", ["OK"], [1002], true],
    ["7.5.1", ["OK"], [1002, 1007], true],
    ["7.7.1", ["OK"], [1000, 1000], true],
    ["7.7.9", ["OK"], [1000, 1011], true],
    ["7.9.9", ["OK"], [1002], true],
    ["7.13.1", ["OK"], [1000, 5000, 1002], true],
    ["9.1.1", [], [1000], true],
  ])("of %s", (id, verdicts, codes, closedByMe) => {
    const { expected, close } = the(id);
    expect({ verdicts: expected.map(({ verdict }) => verdict), codes: close.codes, closedByMe: close.closedByMe }).toEqual(
      { verdicts, codes, closedByMe },
    );
  });

  it("is a clean close exactly where the peer is right to answer the fuzzer's Close", () => {
    for (const { id, close } of CASES) {
      expect([id, close.requireClean]).toEqual([id, close.closedByMe && !/^7\.(3\.2|3\.6|5\.1|9\.\d|13\.\d)$/.test(id)]);
      expect([id, close.wrongEndpointIsFatal ?? false]).toEqual([id, close.codes.includes(1007) && !close.closedByMe]);
    }
  });

  it.each([
    ["9.1.2", { type: "one-echo", kind: "text", length: 262_144, seconds: 10 }],
    ["9.2.4", { type: "one-echo", kind: "binary", length: 4_194_304, seconds: 10 }],
    ["9.4.9", { type: "one-echo", kind: "binary", length: 4_194_304, seconds: 100, misnamed: true }],
    ["9.5.1", { type: "one-echo", kind: "text", length: 1_048_576, seconds: 1000 }],
    ["9.7.1", { type: "ping-pong", kind: "text", count: 1000, length: 0, seconds: 60, content: { octet: 0x2a }, fragment: 0 }],
    ["9.8.6", {
      type: "ping-pong",
      kind: "binary",
      count: 1000,
      length: 4096,
      seconds: 480,
      content: { octet: 0xfe },
      fragment: 0,
    }],
    ["12.3.11", {
      type: "ping-pong",
      kind: "binary",
      count: 1000,
      length: 8192,
      seconds: 480,
      content: { document: "prose" },
      fragment: 256,
    }],
    ["12.4.4", {
      type: "ping-pong",
      kind: "text",
      count: 1000,
      length: 1024,
      seconds: 240,
      content: { document: "html" },
      fragment: 0,
    }],
    ["13.7.18", {
      type: "ping-pong",
      kind: "text",
      count: 1000,
      length: 131_072,
      seconds: 480,
      content: { document: "json" },
      fragment: 32_768,
    }],
  ])("of %s by its conduct", (id, conduct) => expect(the(id).conduct).toEqual(conduct));

  it("of compression: the offers and answers of 13, and none elsewhere", () => {
    const asked = (id: string) =>
      the(id).deflate?.offers.map(({ noContextTakeover, windowBits }) => `${noContextTakeover} ${windowBits}`);
    expect([1, 2, 3, 4, 5, 6, 7].map((part) => asked(`13.${part}.1`))).toEqual([
      ["false 0"],
      ["true 0"],
      ["false 9"],
      ["false 15"],
      ["true 9"],
      ["true 15"],
      ["true 9", "true 0", "false 0"],
    ]);
    for (const one of CASES) {
      expect(one.deflate !== undefined).toBe(/^1[23]\./.test(one.id));
      expect(one.deflate?.accepts).toEqual(one.deflate?.offers);
    }
  });
});

type Send = Extract<Step, { readonly payload: Payload }>;

function the(id: string): Case {
  return CASES.find((one) => one.id === id)!;
}

/** The steps in the order in which they are done if nothing ends the case early. */
function flat(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => (step.do === "wait" ? [step, ...flat(step.then)] : [step]));
}

function sends(one: Case): Send[] {
  return flat(one.steps).filter((step): step is Send => "payload" in step);
}

/** The payloads of all data frames, joined. */
function dataOf(one: Case): Uint8Array {
  return concat(
    sends(one).filter((step) => step.do === "message" || (step.do === "frame" && step.opcode < 3)).map((step) =>
      octetsOf(step.payload)
    ),
  );
}

function kindOf(one: Case): Kind | undefined {
  const first = sends(one).find((step) =>
    step.do === "message" || (step.do === "frame" && (step.opcode === 1 || step.opcode === 2))
  );
  return first?.do === "message" ? first.kind : first?.do === "frame" ? (first.opcode === 1 ? "text" : "binary") : undefined;
}

function octetsOf(payload: Payload): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  const { pattern, length } = payload;
  return Uint8Array.from({ length: Math.min(length, 64) }, (_, index) => pattern[index % pattern.byteLength]);
}

/** A step in the words of the table; as many octets are written out as `like` has. */
function rowOf(step: Step, like: string): string {
  switch (step.do) {
    case "killAfter":
      return `kill ${step.seconds}`;
    case "closeAfter":
      return `end ${step.seconds}`;
    case "wait":
      return `wait ${step.seconds} ${step.tag}${step.onlyOpen === true ? "" : " whatever the state"}`;
    case "repeat":
    case "log":
      throw new Error("none of the 517 has such a step");
    case "beginFrame":
      return toHex(encode({ opcode: step.kind === "text" ? 1 : 2, fin: false, declare: step.length }));
    case "frameData":
      return toHex(octetsOf(step.payload));
    case "endMessage":
      return toHex(encode({ opcode: 0 }));
    case "close":
      return written(
        encode({
          opcode: 8,
          payload: concat([
            step.code === undefined ? new Uint8Array(0) : closePayload(step.code),
            step.reason ?? new Uint8Array(0),
          ]),
        }),
        like,
      );
    case "message":
      return written(encode({ opcode: step.kind === "text" ? 1 : 2, payload: octetsOf(step.payload) }), like);
    case "frame": {
      const { opcode, fin = true, rsv = 0, payload, chop, sync } = step;
      const declare = payload instanceof Uint8Array ? payload.byteLength : payload.length;
      const whole = encode({ opcode, fin, rsv, payload: octetsOf(payload), declare });
      const row = written(whole, like, declare - octetsOf(payload).byteLength);
      return `${row}${chop === undefined ? "" : ` chop ${chop}`}${sync === true ? " sync" : ""}`;
    }
  }
}

function written(frame: Uint8Array, like: string, unseen: number = 0): string {
  const shown = fromHex(like.replace(/ ?(\+|chop|sync).*/, "")).byteLength;
  const more = frame.byteLength + unseen - shown;
  return `${toHex(frame.subarray(0, shown))}${more === 0 ? "" : ` +${more}`}`;
}

function isUtf8(octets: Uint8Array): boolean {
  const { wrongAt, open } = judgeUtf8(octets);
  return wrongAt < 0 && !open;
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
