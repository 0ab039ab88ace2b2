import { createParser } from 'eventsource-parser';
import { BackspaceApiError } from './api-error.js';
import { createRetryPlan, inTime, parseSent, sendOnce, unexpectedAnswer, } from './send-request.js';
const IDLE_MS = 45_000;
/** A stream that stays open for this long works, even if it has nothing to say. */
const WORKS_AFTER_MS = 5_000;
/**
 * The events of a run, each once and in order, to its end. A stream that breaks, anywhere, is opened again after the last
 * event that was received.
 *
 * @param options.after number of the last event that the caller has; default 0: from the first.
 * @throws {BackspaceApiError} when the service says no, or is away for longer than `retryForMs`.
 * @throws the signal's reason when it aborts.
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
                // Every event was received.
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
                // A run may say nothing for longer than the proxies before it leave a connection open.
                if (openedAt !== undefined && Date.now() - openedAt >= worksAfterMs)
                    retry.reset();
                await retry.wait(error, signal);
            }
        }
    }
    finally {
        // Also when the caller leaves its loop: the connection would stay open.
        leave.abort();
    }
}
/** Whether it is the last event of its run. */
export function isLastEvent(event) {
    return event.type === 'success' || event.type === 'error';
}
function isEvent(value) {
    if (typeof value !== 'object' || value === null)
        return false;
    const { seq, type } = value;
    return Number.isSafeInteger(seq) && typeof type === 'string';
}
/** Events of one connection; an event that was cut off is left out. */
async function* readEvents(response, { idleMs, onOutput }) {
    const messages = [];
    const parser = createParser({ onEvent: (message) => void messages.push(message) });
    // A character may be cut between two chunks.
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
        // A connection that hangs would never answer this.
        void reader.cancel().catch(() => undefined);
    }
}
/** @throws {BackspaceApiError} `unexpected_answer`: something that is not Backspace answers at this address. */
function requireStream(response) {
    if (/^text\/event-stream\b/.test(response.headers.get('content-type') ?? ''))
        return;
    void response.body?.cancel().catch(() => undefined);
    throw unexpectedAnswer(response);
}
