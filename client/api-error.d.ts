/** An answer of the service that says no, or none at all. */
export declare class BackspaceApiError extends Error {
    readonly name = "BackspaceApiError";
    /** As in `{"error":{"code"}}`: `unauthorized`, `not_found`, `conflict` …; `unreachable` without an answer. */
    readonly code: string;
    /** Of HTTP; 0 without an answer. */
    readonly status: number;
    /** `X-Request-Id` of the answer, for the operator's log. */
    readonly requestId: string | undefined;
    /** When to try again, as the service said it; milliseconds. */
    readonly retryAfterMs: number | undefined;
    constructor(message: string, facts: {
        readonly code: string;
        readonly status: number;
        readonly requestId?: string | undefined;
        readonly retryAfterMs?: number | undefined;
        readonly cause?: unknown;
    });
}
/** Reads what an answer says that is not a success; its body is consumed. */
export declare function readApiError(response: Response): Promise<BackspaceApiError>;
