/** Answers a request of a program in a sandbox: untrusted, whatever it says about itself. */
export type ForwardHandler = (request: Request) => Response | Promise<Response>

/** A way from programs in a sandbox to a handler on the host. */
export interface Forwarding extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, inside the sandbox. It stays the same until the end. */
  readonly origin: string
  /** Ends it, with every request in progress. Safe to call twice, also when the sandbox is gone. */
  close(): Promise<void>
}

export interface ForwardOptions {
  /** Ends it, also while it is being opened. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Lets programs in a sandbox ask the host by HTTP/1.1, without any network: requests to `origin` reach `handler`. The
 * sandbox chooses the port: only it knows which ones are free. It goes on after `setEgress`, and ends with the sandbox.
 *
 * Requests run side by side, on at most 64 connections. Bodies stream in both directions, and wait for a slow reader. When
 * a program closes its connection, `request.signal` aborts. A handler that throws answers 500 without a reason. How much
 * a program may send, and whether it is the right program, is for the handler to check: give it a token. A connection may
 * break, at E2B also without a fault of the program, so programs must try again.
 *
 * No one outside of the sandbox can reach it; but in `unconfined`, every program on this machine can.
 *
 * @throws {SandboxError} if it cannot be opened.
 * @throws the signal's reason if it aborts before that.
 */
export type Forward = (handler: ForwardHandler, options?: ForwardOptions) => Promise<Forwarding>

/** Connections of one forwarding at once; more wait, or are closed. */
export const MAX_FORWARD_CONNECTIONS = 64
