import { BackspaceApiError } from './api-error.js';
import { parseSent, sendPatiently } from './send-request.js';
import { isLastEvent, streamEvents } from './stream-events.js';
export { BackspaceApiError, isLastEvent };
export function createClient(options) {
    const send = (request) => sendPatiently(options, request);
    const ask = async (request) => {
        const { text, response } = await send(request);
        return parseSent(text, response);
    };
    const pathOf = (runId, rest = '') => `/runs/${encodeURIComponent(runId)}${rest}`;
    function start(path, body, { signal, idempotencyKey = newKey() } = {}) {
        const headers = { 'idempotency-key': idempotencyKey };
        return ask({ method: 'POST', path, body, signal, headers });
    }
    const client = {
        start: (request, call) => start('/code', request, call),
        prove: (request, call) => start('/prove', request, call),
        events: (runId, call = {}) => streamEvents(options, { ...call, runId }),
        async *run(request, call = {}) {
            const { runId } = await client.start(request, call);
            yield* client.events(runId, { signal: call.signal });
        },
        get: (runId, { signal } = {}) => ask({ path: pathOf(runId), signal }),
        list: (filters = {}, { signal } = {}) => ask({ path: `/runs${queryOf(filters)}`, signal }),
        async *all(filters = {}, call = {}) {
            let before;
            do {
                const page = await client.list({ ...filters, before: before ?? filters.before }, call);
                yield* page.runs;
                before = page.next ?? undefined;
            } while (before !== undefined);
        },
        stats: (filters = {}, { signal } = {}) => ask({ path: `/stats${queryOf(filters)}`, signal }),
        cancel: (runId, { signal } = {}) => ask({ method: 'POST', path: pathOf(runId, '/cancel'), signal }),
        note: (runId, text, { signal } = {}) => ask({ method: 'POST', path: pathOf(runId, '/notes'), body: { text }, signal, repeatable: false }),
        approve: (runId, approval, { signal } = {}) => ask({ method: 'POST', path: pathOf(runId, '/approve'), body: approval, signal }),
        diff: async (runId, { signal } = {}) => (await send({ path: pathOf(runId, '/diff'), signal, headers: { accept: 'text/plain' } })).text,
        receipt: (runId, { signal } = {}) => ask({ path: pathOf(runId, '/receipt'), signal }),
    };
    return client;
}
function queryOf(filters) {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filters))
        if (value !== undefined)
            query.set(name, String(value));
    return query.size === 0 ? '' : `?${query}`;
}
/** A random key. `crypto.randomUUID` exists only on https pages. */
function newKey() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return `client-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
