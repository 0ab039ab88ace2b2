/** The service refused a request or failed, or did not answer at all. */
export declare class BackspaceApiError extends Error {
    readonly name = "BackspaceApiError";
    /** The `code` of the error's body: `unauthorized`, `not_found`, `conflict` …; `unreachable` without an answer. */
    readonly code: string;
    /** HTTP status; 0 without an answer. */
    readonly status: number;
    /** `X-Request-Id` of the answer, for the operator's log. */
    readonly requestId: string | undefined;
    /** How long the service asks to wait before a retry, in milliseconds. */
    readonly retryAfterMs: number | undefined;
    constructor(message: string, facts: {
        readonly code: string;
        readonly status: number;
        readonly requestId?: string | undefined;
        readonly retryAfterMs?: number | undefined;
        readonly cause?: unknown;
    });
}
/** Reads the error from an answer that is not a success, and consumes its body. */
export declare function readApiError(response: Response): Promise<BackspaceApiError>;
