import { BackspaceApiError } from './api-error.js';
import type { Accepted, Approval, Cancelling, CodeRequest, ProofRequest, Receipt, Run, RunInFull, RunList, Statistics, WireEvent } from './api-types.js';
import { type ClientOptions } from './send-request.js';
import { isLastEvent } from './stream-events.js';
export type * from './api-types.js';
export { BackspaceApiError, type ClientOptions, isLastEvent };
/** Options of every call: `signal` aborts it. */
interface CallOptions {
    readonly signal?: AbortSignal | undefined;
}
interface StartOptions extends CallOptions {
    /** For 24 hours, a repeat with the same key and body returns the same run. Default: a new key for each call. */
    readonly idempotencyKey?: string | undefined;
}
interface FollowOptions extends CallOptions {
    /** Number of the last event that the caller has. Default 0, to get all events. */
    readonly after?: number | undefined;
    /** Called every few seconds with the end of the running command's output; with '' when no command runs. */
    readonly onOutput?: ((text: string) => void) | undefined;
}
/** Filters of `GET /runs` and `GET /stats` by name; the reference lists them. */
type RunFilters = Readonly<Record<string, string | number | undefined>>;
/** A Backspace service. Calls throw `BackspaceApiError`, and retry requests that fail while the service is briefly away. */
export interface BackspaceClient {
    /** Starts a run. If the answer is lost, the retry does not start a second run. */
    start(request: CodeRequest, options?: StartOptions): Promise<Accepted>;
    /** Verifies an open pull request as it is. */
    prove(request: ProofRequest, options?: StartOptions): Promise<Accepted>;
    /** The events of a run, from `after` on, to its end; reconnects and resumes. Leave the loop to stop listening. */
    events(runId: string, options?: FollowOptions): AsyncGenerator<WireEvent, void, undefined>;
    /** Starts a run and yields its events. */
    run(request: CodeRequest, options?: StartOptions): AsyncGenerator<WireEvent, void, undefined>;
    get(runId: string, options?: CallOptions): Promise<RunInFull>;
    /** One page of runs, newest first. */
    list(filters?: RunFilters, options?: CallOptions): Promise<RunList>;
    /** All runs that match the filters, newest first. Fetches them page by page. */
    all(filters?: RunFilters, options?: CallOptions): AsyncGenerator<Run, void, undefined>;
    /** Statistics of runs: outcomes, times and dollars. */
    stats(filters?: RunFilters, options?: CallOptions): Promise<Statistics>;
    /** Stops a run. Fails with the code `conflict` if it has ended. */
    cancel(runId: string, options?: CallOptions): Promise<Cancelling>;
    /** Sends a follow-up to a run that has not ended. If the answer is lost, the call fails although the follow-up may have arrived. */
    note(runId: string, text: string, options?: CallOptions): Promise<Accepted>;
    /** Approves a plan, and returns the run that carries it out. Approving it again returns the same run. */
    approve(runId: string, approval?: Approval, options?: CallOptions): Promise<Accepted>;
    /** What the run changed, as a unified diff. */
    diff(runId: string, options?: CallOptions): Promise<string>;
    receipt(runId: string, options?: CallOptions): Promise<Receipt>;
}
export declare function createClient(options: ClientOptions): BackspaceClient;
