// What comes in: a size. What goes out: two reports on three agents that never were, in JSON and in HTML, and verse in no language.
// All are made from seeded numbers. Measured with zlib at level 6: 0.04, 0.06 and 0.39 of their size. Next file: documents-binary.ts.
import { type Seeded, seeded } from "./seeded.ts";

/** Pure ASCII: for each agent and case the two verdicts, a duration, a close code and a file name. */
export function jsonReport(size: number): Uint8Array {
  const report = Object.fromEntries(
    AGENTS.map((agent) => [agent, Object.fromEntries(outcomes(agent).map(({ id, ...outcome }) => [id, outcome]))]),
  );
  return fit(JSON.stringify(report, null, 3), size);
}

/** The same run as a page: a table, then a paragraph for each case. A few of those have characters of two and three octets. */
export function htmlReport(size: number): Uint8Array {
  const columns = AGENTS.map((agent) => outcomes(agent));
  const rows = columns[0].map(({ id }, index) => {
    const cells = columns.map((column, agent) => {
      const { behavior, behaviorClose, duration, remoteCloseCode, reportfile } = column[index];
      return `         <td class="${
        style(behavior)
      }"><a href="${reportfile}">${behavior}</a><br/><span>${duration} ms</span></td>` +
        `<td class="${style(behaviorClose)}" title="${AGENTS[agent]}">${remoteCloseCode ?? "none"}</td>\n`;
    });
    return `      <tr class="case"><th><a href="#${anchor(id)}">Case ${id}</a></th>\n${cells.join("")}      </tr>\n`;
  });
  const random = seeded(0x5eed_0003);
  const sent = (id: string): string => (id === "6.2.3" || id === "6.2.4" ? FOREIGN : random.pick(KINDS));
  const paragraphs = columns[0].map(({ id }) =>
    `   <a name="${anchor(id)}"></a>\n   <h3>Case ${id}</h3>\n   <p class="description"><i>Sends</i> ${sent(id)} ` +
    `${random.pick(WAYS)}, of ${random.below(70_000)} octets.</p>\n` +
    `   <p class="expectation"><i>Expects</i> ${random.pick(EXPECTED)}.</p>\n   <p><a href="#top">Back to the table</a></p>\n`
  );
  const page = `<!DOCTYPE html>\n<html>\n<head>\n   <meta charset="utf-8"/>\n   <title>Report</title>\n</head>\n<body>\n` +
    `   <a name="top"></a>\n   <table>\n${rows.join("")}   </table>\n${paragraphs.join("")}</body>\n</html>\n`;
  return fit(page, size);
}

/** Lines of made-up words, with a byte order mark; some vowels have two octets, as in German. */
export function prose(size: number): Uint8Array {
  const random = seeded(0x5eed_0004);
  const words = Array.from({ length: 16_000 }, () => word(random));
  const lines: string[] = [];
  for (let length = 0; length < size;) {
    const line = Array.from({ length: 4 + random.below(5) }, () => words[rare(random, words.length)]).join(" ");
    lines.push(line[0].toUpperCase() + line.slice(1) + random.pick(LINE_ENDS));
    length += line.length;
  }
  return fit(`\ufeff${lines.join("\n")}`, size);
}

interface Outcome {
  readonly id: string;
  readonly behavior: string;
  readonly behaviorClose: string;
  readonly duration: number;
  readonly remoteCloseCode: number | null;
  readonly reportfile: string;
}

/** 313 outcomes of one agent; most are good and quick. */
function outcomes(agent: string): Outcome[] {
  const random = seeded(agent.length * 0x0101_0101);
  return PARTS.flatMap(([prefix, cases]) =>
    Array.from({ length: cases }, (_, index): Outcome => {
      const id = `${prefix}.${index + 1}`;
      const good = random.below(12) > 0;
      return {
        id,
        behavior: good ? "OK" : random.pick(["FAILED", "NON-STRICT", "INFORMATIONAL"]),
        behaviorClose: good ? "OK" : random.pick(["UNCLEAN", "OK", "WRONG CODE"]),
        duration: random.below(4) > 0 ? 1 + random.below(4) : random.below(2000),
        remoteCloseCode: good ? 1000 : random.pick([null, 1002, 1007]),
        reportfile: `${agent.toLowerCase().replace(/[^a-z0-9]/g, "_")}_case_${anchor(id)}.json`,
      };
    })
  );
}

function style(verdict: string): string {
  return `case_${verdict.toLowerCase().replace(/[^a-z]/g, "_")}`;
}

function anchor(id: string): string {
  return id.replaceAll(".", "_");
}

function word(random: Seeded): string {
  const syllables = 1 + random.below(3);
  return Array.from({ length: syllables }, () => random.pick(ONSETS) + random.pick(VOWELS) + random.pick(CODAS)).join("");
}

/** An index below `end`: small ones are frequent, as the common words of a language are. */
function rare(random: Seeded, end: number): number {
  return Math.floor((random.below(end) * random.below(end) * (1 + random.below(end))) / (end * end));
}

/** UTF-8 of exactly `size` octets: cut between characters, or filled up with spaces. */
function fit(text: string, size: number): Uint8Array {
  const octets = new Uint8Array(size).fill(0x20);
  const { written } = new TextEncoder().encodeInto(text, octets);
  // encodeInto stops before a character that does not fit; what is behind it is still a space.
  return written < size ? octets.fill(0x20, written) : octets;
}

const AGENTS = ["Heron/2.4.1 (red)", "Kingfisher/0.9.12 (b)", "Sandpiper/11.0"];
/** Made-up ids, 313 in all: a prefix, and how many stand behind it. */
const PARTS: readonly (readonly [prefix: string, cases: number])[] = [
  ["1.1", 24],
  ["1.2", 24],
  ["2.1", 31],
  ["3.1", 34],
  ["4.1", 40],
  ["4.2", 40],
  ["5.1", 40],
  ["6.1", 40],
  ["6.2", 40],
];
const KINDS = [
  "a text message",
  "a binary message",
  "a Ping",
  "a Pong",
  "a Close",
  "a frame with a reserved bit",
  "an empty message",
];
const WAYS = [
  "in one frame",
  "in two fragments",
  "in fragments of one octet",
  "written one octet at a time",
  "with a Ping in the middle",
  "behind a good message and before a Ping",
  "after a pause of one second",
];
const EXPECTED = [
  "that the same message comes back",
  "that the peer fails the connection, and that its close code, if there is one, is 1002",
  "that the Pong comes back before the message",
  "that the peer completes the close handshake",
  "nothing but a Close with 1007, or the end of the connection",
];
/** Stands in a few paragraphs only, so that almost all slices of the page are ASCII and some are not. */
const FOREIGN = "the text \u201cgr\u00fc\u00df dich, \u03bb\u03cc\u03b3\u03bf\u03c2\u201d";
const LINE_ENDS = [",", ".", ";", "!", "", "", ",", ".\n"];
const ONSETS = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "r", "s", "t", "v", "w", "sch", "st", "br", "tr", "kl", "", "", "z"];
const VOWELS = [..."aaaaaaaeeeeeeeeeeeeiiiiiiiooooouuuuu", "ei", "ei", "au", "au", "ie", "ie", "eu", "ä", "ö", "ü"];
const CODAS = ["", "", "n", "r", "t", "l", "s", "nd", "cht", "en", "er", "m", "ng", "rs", "lt"];
