// What comes in: the section files. What goes out: every case of the suite in order, and the titles above them.
// Sections 8 and 11 have no cases. Next file: select.ts.
import type { Section } from "./build.ts";
import type { Case, Titles } from "./case.ts";
import { framing } from "./section-1-framing.ts";
import { autoFragmentation } from "./section-10-auto-fragmentation.ts";
import { payloads } from "./section-12-payloads.ts";
import { parameters } from "./section-13-parameters.ts";
import { pings } from "./section-2-pings.ts";
import { reservedBits } from "./section-3-reserved-bits.ts";
import { opcodes } from "./section-4-opcodes.ts";
import { fragmentation } from "./section-5-fragmentation.ts";
import { utf8Handling } from "./section-6-utf8.ts";
import { closing } from "./section-7-close.ts";
import { limits } from "./section-9-limits.ts";

const SECTIONS: readonly Section[] = [
  framing,
  pings,
  reservedBits,
  opcodes,
  fragmentation,
  utf8Handling,
  closing,
  limits,
  autoFragmentation,
  payloads,
  parameters,
];

/** The 517 cases, in the order of their ids. */
export const CASES: readonly Case[] = SECTIONS.flatMap((section) => section.cases);

/** The title of every section and sub-section, by its number. */
export const TITLES: Titles = Object.assign({}, ...SECTIONS.map((section) => section.titles));
