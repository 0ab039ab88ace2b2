import type { WireEvent } from './api-types.js';
import { type ClientOptions } from './send-request.js';
/**
 * Yields the events of a run, each once and in order, to its end. If the stream breaks, at any point, it is opened again
 * after the last event that was received.
 *
 * @param options.after number of the last event that the caller has; default 0: from the first.
 * @throws {BackspaceApiError} if the service refuses, or is away for longer than `retryForMs`.
 * @throws the signal's reason if it aborts.
 */
export declare function streamEvents(client: ClientOptions, { runId, after, signal, onOutput, }: {
    readonly runId: string;
    readonly after?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly onOutput?: ((text: string) => void) | undefined;
}): AsyncGenerator<WireEvent, void, undefined>;
/** Whether this is the last event of its run. */
export declare function isLastEvent(event: WireEvent): event is Extract<WireEvent, {
    type: 'success' | 'error';
}>;
