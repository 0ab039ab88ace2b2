import { createParser } from 'eventsource-parser';
import { BackspaceApiError } from './api-error.js';
import { createRetryPlan, inTime, parseSent, sendOnce, unexpectedAnswer, } from './send-request.js';
const IDLE_MS = 45_000;
/** A stream that stays open for this long counts as working, even if no event has arrived. Milliseconds. */
const WORKS_AFTER_MS = 5_000;
/**
 * Yields the events of a run, each once and in order, to its end. If the stream breaks, at any point, it is opened again
 * after the last event that was received.
 *
 * @param options.after number of the last event that the caller has; default 0: from the first.
 * @throws {BackspaceApiError} if the service refuses, or is away for longer than `retryForMs`.
 * @throws the signal's reason if it aborts.
 */
export async function* streamEvents(client, { runId, after = 0, signal, onOutput, }) {
    const retry = createRetryPlan(client);
    const path = `/runs/${encodeURIComponent(runId)}/events${onOutput ? '?output=true' : ''}`;
    const leave = new AbortController();
    const stop = signal ? AbortSignal.any([signal, leave.signal]) : leave.signal;
    const idleMs = client.idleMs ?? IDLE_MS;
    const worksAfterMs = Math.min(WORKS_AFTER_MS, idleMs);
    let last = after;
    try {
        for (;;) {
            let openedAt;
            try {
                const headers = { accept: 'text/event-stream', 'last-event-id': String(last) };
                const response = await sendOnce(client, { path, headers, signal: stop });
                // 204: the caller already has every event.
                if (response.status === 204)
                    return;
                requireStream(response);
                openedAt = Date.now();
                for await (const event of readEvents(response, { idleMs, onOutput })) {
                    if (event.seq <= last)
                        continue;
                    last = event.seq;
                    retry.reset();
                    yield event;
                    if (isLastEvent(event))
                        return;
                }
                throw new BackspaceApiError('The stream ended before the run.', { code: 'unreachable', status: 0 });
            }
            catch (error) {
                signal?.throwIfAborted();
                // A run may be silent for longer than a proxy keeps a connection open.
                if (openedAt !== undefined && Date.now() - openedAt >= worksAfterMs)
                    retry.reset();
                await retry.wait(error, signal);
            }
        }
    }
    finally {
        // This also runs when the caller leaves its loop, which would otherwise leave the connection open.
        leave.abort();
    }
}
/** Whether this is the last event of its run. */
export function isLastEvent(event) {
    return event.type === 'success' || event.type === 'error';
}
function isEvent(value) {
    if (typeof value !== 'object' || value === null)
        return false;
    const { seq, type } = value;
    return Number.isSafeInteger(seq) && typeof type === 'string';
}
/** Yields the events of one connection; a truncated event is left out. */
async function* readEvents(response, { idleMs, onOutput }) {
    const messages = [];
    const parser = createParser({ onEvent: (message) => void messages.push(message) });
    // A character may be split between two chunks.
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    if (!reader)
        return;
    try {
        for (;;) {
            const { done, value } = await inTime(reader.read(), { ms: idleMs, late: 'The stream is silent.' });
            if (done)
                return;
            parser.feed(decoder.decode(value, { stream: true }));
            for (const { event, data } of messages.splice(0)) {
                const sent = parseSent(data, response);
                if (event === 'output')
                    onOutput?.(sent?.text ?? '');
                else if (isEvent(sent))
                    yield sent;
                else
                    throw unexpectedAnswer(response);
            }
        }
    }
    finally {
        // Not awaited: on a connection that hangs, cancelling would never finish.
        void reader.cancel().catch(() => undefined);
    }
}
/** @throws {BackspaceApiError} `unexpected_answer` if something that is not Backspace answers at this address. */
function requireStream(response) {
    if (/^text\/event-stream\b/.test(response.headers.get('content-type') ?? ''))
        return;
    void response.body?.cancel().catch(() => undefined);
    throw unexpectedAnswer(response);
}
