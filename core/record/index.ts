// The public exports of recording: a recorder that makes machines, and replay. Next file: recorder.ts.
/**
 * Writes down what goes into a connection, and lives it again: a bug report becomes a test.
 * @module
 */
export { type Recorder, recorder } from "./recorder.ts";
export { replay, type Replayed } from "./replay.ts";
