/** Answers a request of a program in a sandbox. The program is untrusted, whatever it says about itself. */
export type ForwardHandler = (request: Request) => Response | Promise<Response>

/** A way from programs in a sandbox to a handler on the host. */
export interface Forwarding extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` inside the sandbox. It stays the same until `close`. */
  readonly origin: string
  /** Ends the forwarding and every request in progress. Safe to call twice, and when the sandbox is gone. */
  close(): Promise<void>
}

export interface ForwardOptions {
  /** Ends the forwarding, even while it is being opened. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Lets programs in a sandbox ask the host over HTTP/1.1 without any network: requests to `origin` reach `handler`. The
 * sandbox chooses the port, since only it knows which ports are free. A forwarding outlives `setEgress` and ends with
 * the sandbox.
 *
 * Requests run side by side, on at most 64 connections. Bodies stream in both directions and wait for a slow reader.
 * When a program closes its connection, `request.signal` aborts. If the handler throws, the program gets 500 without a
 * reason. The handler must check how much a program may send, and whether it is the right program, for instance by a
 * token. A connection may break, at E2B even when the program does nothing wrong, so programs must try again.
 *
 * Nothing outside of the sandbox can reach the forwarding; but in `unconfined`, every program on this machine can.
 *
 * @throws {SandboxError} if the forwarding cannot be opened.
 * @throws the signal's reason if it aborts before that.
 */
export type Forward = (handler: ForwardHandler, options?: ForwardOptions) => Promise<Forwarding>

/** The most connections of one forwarding at once. Further ones wait, or are closed. */
export const MAX_FORWARD_CONNECTIONS = 64
