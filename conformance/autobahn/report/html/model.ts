// What the page's script knows: the results as plain data, with every text that needs knowledge of the protocol already made. In: a report.
// Out: an object for JSON. The script only arranges it, so everything worth a test is tested without a browser; and every text of a peer is
// free of control characters here (the script sets text, never HTML). Pure. Next file: matrix.ts, the part of the page that needs no script.
import type { CaseResult, EventRow } from "../../engine/result.ts";
import { firstDifference, sameEvent } from "../difference.ts";
import { visible } from "../escape.ts";
import { caseStem } from "../names.ts";
import { isoTime, type Report, sectionsOf } from "../report.ts";
import { type Mark, timeline } from "../timeline.ts";
import { closingRows, eventWords, frameRows, headLines, octetRows, wireLines } from "../wire-text.ts";
import { behaviorWord, closeCell, closeWord } from "../words.ts";

/** The data block of the page. */
export interface Model {
  /** `stem` names an agent in links: it is safe in a URL, and no two are equal. */
  readonly agents: readonly { readonly name: string; readonly stem: string }[];
  readonly cases: Readonly<Record<string, CaseModel>>;
  /** By agent, then by case. */
  readonly results: readonly Readonly<Record<string, ResultModel>>[];
  /** What the thirteen rows about the end of a connection mean, in their order. */
  readonly closing: readonly (readonly [key: string, description: string])[];
}

/** What all agents share. */
export interface CaseModel {
  readonly title: string;
  readonly description: readonly string[];
  readonly expectation: readonly string[];
}

export interface ResultModel {
  readonly behavior: Badge;
  readonly close: Badge;
  readonly result: string;
  readonly resultClose: string;
  readonly note: string | null;
  /** `2,003 ms, begun 2026-04-02T15:18:08.966Z`. */
  readonly when: string;
  readonly sets: readonly SetModel[];
  readonly observed: readonly string[];
  readonly difference: string | null;
  readonly wanted: readonly WantedModel[];
  readonly closing: readonly string[];
  readonly request: readonly string[];
  readonly response: readonly string[];
  readonly stats: readonly StatModel[];
  readonly marks: readonly Mark[];
  readonly wire: readonly (readonly [at: number | null, kind: string, text: string])[];
  /** The log or the statistics are incomplete, and why. */
  readonly gaps: readonly string[];
  readonly files: readonly string[];
}

/** A verdict as it is shown: style, mark, text. */
export type Badge = readonly [style: string, mark: string, label: string];

/** An expected set beside what was observed, event by event. */
export interface SetModel {
  readonly name: string;
  readonly equal: boolean;
  readonly rows: readonly (readonly [expected: string | null, observed: string | null, state: "same" | "first" | "after"])[];
}

/** One demand on the end of the connection. */
export interface WantedModel {
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
  readonly good: boolean;
}

export interface StatModel {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Which files stand beside the page. */
export interface Links {
  readonly json: boolean;
  readonly text: boolean;
}

/** The data of the page. */
export function model({ info, agents, ids }: Report, links: Links): Model {
  const any = new Map(agents.flatMap(({ results }) => [...results]));
  const some = any.values().next().value;
  return {
    agents: agents.map(({ name, stem }) => ({ name: visible(name), stem })),
    cases: Object.fromEntries(ids.map((id) => {
      const [section, subsection] = sectionsOf(id);
      const title = visible(info.titles[subsection] ?? info.titles[section] ?? "");
      const result = any.get(id);
      return [id, { title, description: paragraphs(result?.description), expectation: paragraphs(result?.expectation) }];
    })),
    results: agents.map(({ stem, results }) =>
      Object.fromEntries([...results].map(([id, result]) => [id, resultModel(result, files(caseStem(stem, id), links))]))
    ),
    closing: some === undefined ? [] : closingRows(some).map(([key, , description]) => [key, description]),
  };
}

function resultModel(result: CaseResult, files: readonly string[]): ResultModel {
  const { behavior, behaviorClose, remoteCloseCode, wirelog, times } = result;
  const word = behaviorWord(behavior);
  const close = closeWord(behaviorClose);
  const lines = wireLines(result);
  return {
    behavior: [word.style, word.mark, word.label],
    close: [close.style, close.mark, behaviorClose === "OK" ? close.label : closeCell(behaviorClose, remoteCloseCode)],
    result: visible(result.result),
    resultClose: visible(result.resultClose),
    note: result.note === null ? null : visible(result.note),
    when: [
      result.duration === null ? "never opened" : `${result.duration.toLocaleString("en")} ms`,
      ...(result.started === 0 ? [] : [`begun ${isoTime(result.started)}`]),
    ].join(", "),
    sets: Object.entries(result.expected).map(([name, events]) => setModel(name, events, result.received)),
    observed: result.received.map(eventWords),
    difference: firstDifference(result)?.sentence ?? null,
    wanted: wanted(result),
    closing: closingRows(result).map(([, value]) => value),
    request: headLines(result.httpRequest || "?"),
    response: headLines(result.httpResponse || "?"),
    stats: stats(result),
    marks: timeline(result),
    wire: lines.map((text, row) => [times[row] ?? null, wirelog[row]?.[0] ?? "END", text.join("\n")]),
    gaps: [
      ...(result.createWirelog ? [] : ["The wire log was off when the case ended."]),
      ...(wirelog.some((row) => row[0] === "WLM" && !row[1])
        ? ["The wire log was off while the messages of this case went back and forth. The statistics count everything."]
        : []),
    ],
    files,
  };
}

function setModel(name: string, events: readonly EventRow[], received: readonly EventRow[]): SetModel {
  const count = Math.max(events.length, received.length);
  let first = 0;
  while (first < count && sameEvent(events[first], received[first])) first++;
  const words = (event: EventRow | undefined): string | null => (event === undefined ? null : eventWords(event));
  const rows = Array.from({ length: count }, (_, index): SetModel["rows"][number] => [
    words(events[index]),
    words(received[index]),
    index < first ? "same" : index === first ? "first" : "after",
  ]);
  return { name, equal: first === count, rows };
}

function wanted({ expectedClose, closedByMe, wasClean, remoteCloseCode }: CaseResult): WantedModel[] {
  if (expectedClose === null) return [];
  const { closedByMe: mine, requireClean, codes } = expectedClose;
  const side = (byMe: boolean): string => (byMe ? "the fuzzer" : "not the fuzzer");
  return [
    { what: "First Close from", wanted: side(mine), found: side(closedByMe), good: mine === closedByMe },
    {
      what: "Closing handshake",
      wanted: requireClean ? "complete" : "not required",
      found: wasClean ? "complete" : "not complete",
      good: wasClean || !requireClean,
    },
    {
      what: "Peer's close code",
      wanted: `${[...new Set(codes)].join(", ")} or none`,
      found: remoteCloseCode === null ? "none" : String(remoteCloseCode),
      good: remoteCloseCode === null || codes.includes(remoteCloseCode),
    },
  ];
}

function stats(result: CaseResult): StatModel[] {
  const octets = ["Size", "Count", "Octets"];
  const frames = ["Opcode", "Count"];
  const { trafficStats: traffic } = result;
  return [
    { title: "Octets received by chop size", head: octets, rows: octetRows(result.rxOctetStats) },
    { title: "Octets sent by chop size", head: octets, rows: octetRows(result.txOctetStats) },
    { title: "Frames received by opcode", head: frames, rows: frameRows(result.rxFrameStats) },
    { title: "Frames sent by opcode", head: frames, rows: frameRows(result.txFrameStats) },
    ...(traffic === null ? [] : [{
      title: "Compression",
      head: ["", "Received", "Sent"],
      rows: trafficRows.map(([label, key]) => [label, ratio(traffic[`incoming${key}`]), ratio(traffic[`outgoing${key}`])]),
    }]),
  ];
}

function ratio(value: number | null): string {
  if (value === null) return "–";
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toFixed(3);
}

function paragraphs(text: string | undefined): string[] {
  return (text ?? "").split(/\r?\n/).map(visible).filter((line) => line !== "");
}

function files(stem: string, { json, text }: Links): string[] {
  return [...(json ? [`${stem}.json`] : []), ...(text ? [`${stem}.txt`] : [])];
}

const trafficRows = [
  ["Octets of the application", "OctetsAppLevel"],
  ["Octets of frame payloads", "OctetsWebSocketLevel"],
  ["Octets on the wire", "OctetsWireLevel"],
  ["Messages", "WebSocketMessages"],
  ["Frames", "WebSocketFrames"],
  ["Payload per application octet", "CompressionRatio"],
  ["Framing per payload octet", "WebSocketOverhead"],
] as const;
