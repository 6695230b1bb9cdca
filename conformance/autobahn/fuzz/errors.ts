// What stops a run before it has begun. In: a code and a sentence for people. Out: an error that a command tells from a fault of its own.
// Next file: spec.ts.

/** Why a run could not begin: the peer cannot be reached, a spec file or an option is wrong, or a port cannot be listened on. */
export type FuzzErrorCode = "UNREACHABLE" | "BAD_SPEC" | "BAD_OPTION" | "NO_LISTEN";

/** A run that could not begin. The message is one sentence for people. */
export class FuzzError extends Error {
  readonly code: FuzzErrorCode;

  constructor(code: FuzzErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "FuzzError";
    this.code = code;
  }
}

/**
 * The words of an error, whatever was thrown, in one line. Node gives no message of its own where it tried several addresses, and OpenSSL's
 * messages hide their point, which is `reason`, among numbers.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error) || error.message === "") return String(error);
  const { reason } = error as { reason?: unknown };
  return (typeof reason === "string" && error.message.includes(":error:") ? `TLS: ${reason}` : error.message).trim().replace(
    /\s+/g,
    " ",
  );
}
