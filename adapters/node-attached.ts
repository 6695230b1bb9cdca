// What has been attached to servers that were there before. What comes in: a server, and which of its requests an attachment takes. What goes
// out: the attachment that takes a request, so that one listener serves all of them and knows when nobody does. RFC 6455 §4.2.
// Next files: node-http.ts and node-http2.ts, which attach.
import type { Listener } from "./socket/transport.ts";

export interface Attached<Request> {
  readonly core: Listener<any>;
  takes(request: Request): boolean;
}

export class Attachments<Host extends object, Request> {
  readonly #all = new WeakMap<Host, Attached<Request>[]>();

  /** `first` and `last` are called when the server gets its first attachment and when it loses its last one. Returns how to detach. */
  add(server: Host, attached: Attached<Request>, first: () => void, last: () => void): () => void {
    let all = this.#all.get(server);
    if (all === undefined) this.#all.set(server, all = []);
    if (all.push(attached) === 1) first();
    return () => {
      all.splice(all.indexOf(attached), 1);
      if (all.length === 0) last();
    };
  }
  /** The first that takes it. A filter that throws does not stop the server. */
  find(server: Host, request: Request): Attached<Request> | undefined {
    return this.#all.get(server)?.find((attached) => {
      try {
        return attached.takes(request);
      } catch (error) {
        attached.core.failed(error);
        return false;
      }
    });
  }
}

/** Whether a target is at a path; the query does not count. */
export function isAt(target: string, path: string | undefined): boolean {
  const query = target.indexOf("?");
  return path === undefined || path === (query < 0 ? target : target.slice(0, query));
}
/** Header fields out of a list of names and values. */
export function pairs(raw: readonly string[]): [name: string, value: string][] {
  const list: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) list.push([raw[i]!, raw[i + 1]!]);
  return list;
}
