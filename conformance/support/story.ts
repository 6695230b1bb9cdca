// What comes in: events, and what a machine asked of its transport. What goes out: the order in which they may come, said once for the laws
// and for the simulation. L13 Last word, L15 Transport. RFC 6455 §4, §7.1. Next file: ../laws/life.test.ts.
import type { Connection, Event, Role } from "../../core/types.ts";

/** `transport` moves from left to right. */
export const RANKS: readonly Connection["transport"][] = ["keep", "end", "destroy"];
/** One letter for each type of event. */
export const LETTERS: Readonly<Record<Event["type"], string>> = {
  request: "R",
  respond: "S",
  rejected: "J",
  open: "O",
  text: "d",
  binary: "d",
  part: "d",
  raw: "d",
  ping: "d",
  pong: "d",
  close: "C",
  fault: "F",
  closed: ".",
};
/** The letters of a life, as far as it has come: `open` before data, at most one fault, `closed` once and last. */
export const STORIES: Readonly<Record<Role, RegExp>> = {
  client: /^(J|(Od*C?)?F?)\.?$/,
  server: /^R?S?(Od*C?)?F?\.?$/,
};
