import { BackspaceApiError, readApiError } from './api-error.js';
const RETRY_FOR_MS = 120_000;
/** Time limit for the headers of an answer, in milliseconds; the body of a stream may take any time. */
const ANSWER_WITHIN_MS = 30_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** After this many tries in a row, the client waits even if the service does not ask for it. */
const AT_ONCE = 3;
/** Statuses of a service that is restarting, busy, or behind a proxy that cannot reach it. */
const PASSING = [408, 429, 502, 503, 504];
/** Statuses with which the service itself refuses a request without doing anything. */
const REFUSED = [429, 503];
/**
 * Sends one request.
 *
 * @throws {BackspaceApiError} for every answer that is not a success; with the code `unreachable` without an answer.
 * @throws the signal's reason if it aborts.
 */
export async function sendOnce(options, request) {
    const { method = 'GET', path, body, signal } = request;
    const headers = new Headers({ accept: 'application/json', ...request.headers });
    if (options.token !== undefined)
        headers.set('authorization', `Bearer ${options.token}`);
    if (body !== undefined)
        headers.set('content-type', 'application/json');
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), ANSWER_WITHIN_MS);
    const url = `${options.url.replace(/\/+$/, '')}${path}`;
    const send = options.fetch ?? fetch;
    let response;
    try {
        response = await send(url, {
            method,
            headers,
            body: body === undefined ? null : JSON.stringify(body),
            signal: signal ? AbortSignal.any([signal, late.signal]) : late.signal,
            credentials: 'same-origin',
            // A redirected request would lose its token or its body, or would take them to another host.
            redirect: 'manual',
        });
    }
    catch (cause) {
        signal?.throwIfAborted();
        const message = late.signal.aborted ? 'The service does not answer.' : 'The service cannot be reached.';
        throw new BackspaceApiError(message, { code: 'unreachable', status: 0, cause });
    }
    finally {
        clearTimeout(timer);
    }
    if (response.ok)
        return response;
    const isRedirect = response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400);
    throw isRedirect ? redirected(response, url) : await readApiError(response);
}
function redirected({ status, headers, body }, asked) {
    void body?.cancel().catch(() => undefined);
    const target = URL.parse(headers.get('location') ?? '', asked);
    const place = target === null ? 'another address' : `${target.origin}${target.pathname}`;
    return new BackspaceApiError(`The service leads to ${place}. Give the client the address at which it answers itself.`, { code: 'unexpected_answer', status });
}
export function createRetryPlan({ retryForMs = RETRY_FOR_MS, firstWaitMs = FIRST_WAIT_MS, onRetry, }) {
    let since;
    let tries = 0;
    return {
        reset() {
            since = undefined;
            tries = 0;
        },
        async wait(error, signal) {
            if (!(error instanceof BackspaceApiError) || !mayPass(error))
                throw error;
            const now = Date.now();
            since ??= now;
            const grown = Math.min(LONGEST_WAIT_MS, firstWaitMs * 2 ** tries++);
            // Clients that lost the same service must not all come back at the same moment.
            const ownMs = grown * (0.5 + Math.random() / 2);
            const saidMs = error.retryAfterMs;
            const waitMs = saidMs === undefined || tries > AT_ONCE ? Math.max(saidMs ?? 0, ownMs) : saidMs;
            if (now - since + waitMs > retryForMs)
                throw error;
            onRetry?.(error, waitMs);
            await sleep(waitMs, signal);
        },
    };
}
/**
 * Sends a request until a complete answer arrives that is not a temporary failure.
 *
 * @returns the text of the body, and what `parseSent` needs for its errors.
 */
export async function sendPatiently(options, request) {
    const retry = createRetryPlan(options);
    for (;;) {
        try {
            const response = await sendOnce(options, request);
            const late = 'The answer does not end.';
            return { response, text: await inTime(response.text(), { ms: ANSWER_WITHIN_MS, late }) };
        }
        catch (error) {
            request.signal?.throwIfAborted();
            const mayHaveWorked = !(error instanceof BackspaceApiError && REFUSED.includes(error.status));
            if (request.repeatable === false && mayHaveWorked)
                throw error;
            await retry.wait(error, request.signal);
        }
    }
}
/** Waits for a part of an answer, with a time limit: a connection whose other side has vanished stays silent. */
export async function inTime(work, { ms, late }) {
    const unreachable = { code: 'unreachable', status: 0 };
    let timer;
    const timeout = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new BackspaceApiError(late, unreachable)), ms);
    });
    const broken = work.catch((cause) => {
        throw new BackspaceApiError('The answer broke off.', { ...unreachable, cause });
    });
    try {
        return await Promise.race([broken, timeout]);
    }
    finally {
        clearTimeout(timer);
    }
}
/** @throws {BackspaceApiError} `unexpected_answer` */
export function parseSent(text, response) {
    try {
        return JSON.parse(text);
    }
    catch {
        throw unexpectedAnswer(response);
    }
}
/** The error for an answer that does not come from Backspace, but from a proxy or another service at this address. */
export function unexpectedAnswer({ status, headers }) {
    const requestId = headers.get('x-request-id') ?? undefined;
    return new BackspaceApiError('The answer is not one of Backspace. Check the address.', {
        code: 'unexpected_answer',
        status,
        requestId,
    });
}
function mayPass({ status }) {
    return status === 0 || PASSING.includes(status);
}
function sleep(ms, signal) {
    return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const stop = () => {
            clearTimeout(timer);
            reject(signal?.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener('abort', stop);
            resolve();
        }, ms);
        signal?.addEventListener('abort', stop, { once: true });
    });
}
