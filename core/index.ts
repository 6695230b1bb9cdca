// The public exports of the core, in the order in which one meets them: entry points, preparation, errors, types.
/**
 * A sans-I/O WebSocket: a pure state machine that takes bytes and gives events and bytes.
 * @module
 */
export { clientConnection, requestHead, serverConnection, upgradedConnection, verifyResponse } from "./connection.ts";
export { prepare } from "./outbound/prepared.ts";
export { UsageError } from "./errors.ts";
export type * from "./types.ts";
