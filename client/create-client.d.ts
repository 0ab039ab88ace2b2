import { BackspaceApiError } from './api-error.js';
import type { Accepted, Approval, Cancelling, CodeRequest, ProofRequest, Receipt, Run, RunInFull, RunList, Statistics, WireEvent } from './api-types.js';
import { type ClientOptions } from './send-request.js';
import { isLastEvent } from './stream-events.js';
export type * from './api-types.js';
export { BackspaceApiError, type ClientOptions, isLastEvent };
/** For every call: aborts it. */
interface CallOptions {
    readonly signal?: AbortSignal | undefined;
}
interface StartOptions extends CallOptions {
    /** A repeat with the same key and body finds the same run for 24 hours; default: a new key per call. */
    readonly idempotencyKey?: string | undefined;
}
interface FollowOptions extends CallOptions {
    /** Number of the last event that the caller has; default 0. */
    readonly after?: number | undefined;
    /** Called every few seconds with the end of what a running command has printed; '' when it is over. */
    readonly onOutput?: ((text: string) => void) | undefined;
}
/** Filters of `GET /runs` and `GET /stats` by name; the reference lists them. */
type RunFilters = Readonly<Record<string, string | number | undefined>>;
/** A Backspace service. Every call throws `BackspaceApiError`, and repeats what a short absence of the service failed. */
export interface BackspaceClient {
    /** Starts a run. A repeat after a lost answer starts no second one. */
    start(request: CodeRequest, options?: StartOptions): Promise<Accepted>;
    /** Verifies an open pull request as it is. */
    prove(request: ProofRequest, options?: StartOptions): Promise<Accepted>;
    /** The events of a run, from `after` on, to its end; reconnects and resumes. Leave the loop to stop listening. */
    events(runId: string, options?: FollowOptions): AsyncGenerator<WireEvent, void, undefined>;
    /** Starts a run and gives its events. */
    run(request: CodeRequest, options?: StartOptions): AsyncGenerator<WireEvent, void, undefined>;
    get(runId: string, options?: CallOptions): Promise<RunInFull>;
    /** One page of runs, newest first. */
    list(filters?: RunFilters, options?: CallOptions): Promise<RunList>;
    /** All runs that the filters let through, newest first, page by page. */
    all(filters?: RunFilters, options?: CallOptions): AsyncGenerator<Run, void, undefined>;
    /** What runs came to: outcomes, times and dollars. */
    stats(filters?: RunFilters, options?: CallOptions): Promise<Statistics>;
    /** Stops a run; code `conflict` when it has ended. */
    cancel(runId: string, options?: CallOptions): Promise<Cancelling>;
    /** Sends a follow-up to a run that has not ended. An answer that is lost is an error: it may have arrived. */
    note(runId: string, text: string, options?: CallOptions): Promise<Accepted>;
    /** Approves a plan; approving it again finds the same run. */
    approve(runId: string, approval?: Approval, options?: CallOptions): Promise<Accepted>;
    /** What the run changed, as a unified diff. */
    diff(runId: string, options?: CallOptions): Promise<string>;
    receipt(runId: string, options?: CallOptions): Promise<Receipt>;
}
export declare function createClient(options: ClientOptions): BackspaceClient;
