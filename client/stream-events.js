import { createParser } from 'eventsource-parser';
import { BackspaceApiError } from './api-error.js';
import { createRetryPlan, sendOnce } from './send-request.js';
const IDLE_MS = 45_000;
/**
 * The events of a run, each once and in order, to its end. A stream that breaks, anywhere, is opened again after the last
 * event that was received.
 *
 * @param options.after number of the last event that the caller has; default 0: from the first.
 * @throws {BackspaceApiError} when the service says no, or is away for longer than `retryForMs` without a new event.
 * @throws the signal's reason when it aborts.
 */
export async function* streamEvents(client, { runId, after = 0, signal, onOutput, }) {
    const retry = createRetryPlan(client);
    const path = `/runs/${encodeURIComponent(runId)}/events${onOutput ? '?output=true' : ''}`;
    const leave = new AbortController();
    const stop = signal ? AbortSignal.any([signal, leave.signal]) : leave.signal;
    let last = after;
    try {
        for (;;) {
            try {
                const headers = { accept: 'text/event-stream', 'last-event-id': String(last) };
                const response = await sendOnce(client, { path, headers, signal: stop });
                // Every event was received.
                if (response.status === 204)
                    return;
                for await (const event of readEvents(response, { idleMs: client.idleMs ?? IDLE_MS, onOutput })) {
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
            const { done, value } = await inTime(reader.read(), idleMs);
            if (done)
                return;
            parser.feed(decoder.decode(value, { stream: true }));
            for (const { event, data } of messages.splice(0)) {
                if (event === 'output')
                    onOutput?.(JSON.parse(data).text);
                else
                    yield JSON.parse(data);
            }
        }
    }
    catch (cause) {
        if (cause instanceof BackspaceApiError)
            throw cause;
        throw new BackspaceApiError('The stream broke off.', { code: 'unreachable', status: 0, cause });
    }
    finally {
        // A connection that hangs would never answer this.
        void reader.cancel().catch(() => undefined);
    }
}
/** A connection whose other side vanished says nothing at all. */
async function inTime(work, ms) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => {
            reject(new BackspaceApiError('The stream is silent.', { code: 'unreachable', status: 0 }));
        }, ms);
    });
    try {
        return await Promise.race([work, late]);
    }
    finally {
        clearTimeout(timer);
    }
}
