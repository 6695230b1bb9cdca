// What comes in: the sections beyond the original. What goes out: their cases and titles, alone and behind those of the original.
// Their ids begin with 20 and more, which the original never had, so that no report can mistake one for the other.
// RFC 6455 §4 to §10; RFC 7692. Next file: ../select.ts.
import { CASES, TITLES } from "../all.ts";
import type { Section } from "../build.ts";
import type { Case, Titles } from "../case.ts";
import { requests } from "./section-20-requests.ts";
import { responses } from "./section-21-responses.ts";
import { masking } from "./section-22-masking.ts";
import { lengths } from "./section-23-lengths.ts";
import { negotiation } from "./section-24-negotiation.ts";
import { compressedMessages } from "./section-25-compressed.ts";
import { closeRaces } from "./section-26-close-races.ts";
import { floods } from "./section-27-floods.ts";

const SECTIONS: readonly Section[] = [
  requests,
  responses,
  masking,
  lengths,
  negotiation,
  compressedMessages,
  closeRaces,
  floods,
];

/** The cases that the original does not have, in the order of their ids. Some have a meaning in one role only: `isFor`. */
export const BEYOND: readonly Case[] = SECTIONS.flatMap((section) => section.cases);

/** Every case there is: the 517, then those beyond. */
export const ALL: readonly Case[] = [...CASES, ...BEYOND];

/** The title of every section and sub-section of `ALL`, by its number. */
export const ALL_TITLES: Titles = Object.assign({}, TITLES, ...SECTIONS.map((section) => section.titles));
