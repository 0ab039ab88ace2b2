type CodeRequest = {
    readonly repoUrl: string; /** What to do, up to 100,000 characters. */
    readonly prompt: string; /** Branch that the run starts from. Default: the repository's default branch. */
    readonly base?: string | undefined; /** `true`: open a draft pull request. */
    readonly draft?: boolean | undefined; /** `provider:<id>`, as in `BACKSPACE_MODELS`, before which Backspace tries it. The operator must have set up the provider. */
    readonly model?: string | undefined; /** `builtin` is Backspace's own agent, `claude-code` is Claude Code, if the operator installed it, and `dummy` uses no model. Default: `agent` in `.github/backspace.yml`, else `BACKSPACE_AGENT`. */
    readonly agent?: "builtin" | "claude-code" | "dummy" | undefined; /** Budget of the run in dollars, at most `BACKSPACE_BUDGET_USD`. */
    readonly budgetUsd?: number | undefined; /** `true`: make a plan and change nothing. The outcome is `plan`; `POST /runs/{id}/approve` has it carried out. */
    readonly plan?: boolean | undefined; /** An ended run of the same repository. The new run continues from its transcript, in a new sandbox. Use this to answer a `question`. */
    readonly parentRunId?: string | undefined;
};
type ProofRequest = {
    readonly repoUrl: string; /** Number of an open pull request; it may come from a fork. */
    readonly pullRequest: number;
};
type Note = {
    readonly text: string;
};
type Approval = {
    readonly text?: string | undefined; /** The edited plan, which replaces the agent's. */
    readonly plan?: string | undefined;
};
type Accepted = {
    readonly runId: string; /** Address of the run: a page for browsers, JSON for programs. */
    readonly runUrl: string; /** Event stream of the run. */
    readonly eventsUrl: string;
};
/** `succeeded`, `failed` and `cancelled` are final. */
type Status = "queued" | "running" | "succeeded" | "failed" | "cancelled";
type Run = {
    readonly id: string;
    readonly status: Status; /** What started the run. `code` is the API; `pull_request` is a pull request in a repository with `prove: always`. */
    readonly trigger: "comment" | "label" | "code" | "pull_request"; /** `owner/name` */
    readonly repository: string; /** What the run was asked to do. */
    readonly prompt: string; /** The issue or pull request that the run belongs to; null for `POST /code`, the pull request for `POST /prove`. */
    readonly thread: {
        readonly kind: "issue" | "pull_request";
        readonly number: number;
        readonly title: string;
        readonly url: string;
    } | null; /** GitHub login, or the name of the API token. */
    readonly requester: string; /** As in the body of `POST /code`. A proof has only `prove`, and `/backspace setup` only `setup`. */
    readonly options: {
        readonly base?: string | undefined; /** `true`: open a draft pull request. */
        readonly draft?: boolean | undefined; /** `provider:<id>`, as in `BACKSPACE_MODELS`, before which Backspace tries it. The operator must have set up the provider. */
        readonly model?: string | undefined; /** `builtin` is Backspace's own agent, `claude-code` is Claude Code, if the operator installed it, and `dummy` uses no model. Default: `agent` in `.github/backspace.yml`, else `BACKSPACE_AGENT`. */
        readonly agent?: "builtin" | "claude-code" | "dummy" | undefined; /** Budget of the run in dollars, at most `BACKSPACE_BUDGET_USD`. */
        readonly budgetUsd?: number | undefined; /** `true`: make a plan and change nothing. The outcome is `plan`; `POST /runs/{id}/approve` has it carried out. */
        readonly plan?: boolean | undefined;
        readonly prove?: boolean | undefined;
        readonly setup?: boolean | undefined;
    }; /** Which agent was asked for, by whom, and which ones worked; null until an agent is chosen. */
    readonly agent: {
        readonly asked: "builtin" | "claude-code" | "dummy"; /** Who chose it: `request`, `repository` (`agent` in `.github/backspace.yml`) or `operator`. */
        readonly by: "request" | "repository" | "operator"; /** The agents that worked, in order; null until the run ends. */
        readonly worked: readonly ("builtin" | "claude-code" | "dummy")[] | null;
    } | null; /** The run that this one continues. */
    readonly parentRunId: string | null; /** 0 while queued; above 1 when the run was started again. */
    readonly attempt: number; /** ISO 8601, UTC. */
    readonly createdAt: string; /** Null while queued. */
    readonly startedAt: string | null; /** Null until the run ends. */
    readonly finishedAt: string | null; /** Milliseconds from the first start to the end; null for a run that has not ended or never started. */
    readonly durationMs: number | null; /** What the run produced; null unless it succeeded. */
    readonly outcome: "pull_request" | "answer" | "triage" | "question" | "plan" | "proof" | null; /** How the run ended, as a sentence for people; null until it ends. */
    readonly message: string | null; /** Error code of a failed run; `cancelled` for a run that was stopped; null otherwise. */
    readonly code: string | null; /** Whether the pull request is a draft. */
    readonly draft: boolean; /** What the verification of the change found; null without one. */
    readonly verdict: {
        readonly tone: "good" | "neutral" | "bad"; /** One line for people. */
        readonly line: string;
    } | null; /** Null without a pull request. */
    readonly pullRequestUrl: string | null; /** Null without a comment. */
    readonly commentUrl: string | null; /** Dollars; null when a price is not known. */
    readonly costUsd: number | null; /** Address of the run: a page for browsers, JSON for programs. */
    readonly runUrl: string; /** Event stream of the run. */
    readonly eventsUrl: string;
};
type RunInFull = {
    readonly id: string;
    readonly status: Status; /** What started the run. `code` is the API; `pull_request` is a pull request in a repository with `prove: always`. */
    readonly trigger: "comment" | "label" | "code" | "pull_request"; /** `owner/name` */
    readonly repository: string; /** What the run was asked to do. */
    readonly prompt: string; /** The issue or pull request that the run belongs to; null for `POST /code`, the pull request for `POST /prove`. */
    readonly thread: {
        readonly kind: "issue" | "pull_request";
        readonly number: number;
        readonly title: string;
        readonly url: string;
    } | null; /** GitHub login, or the name of the API token. */
    readonly requester: string; /** As in the body of `POST /code`. A proof has only `prove`, and `/backspace setup` only `setup`. */
    readonly options: {
        readonly base?: string | undefined; /** `true`: open a draft pull request. */
        readonly draft?: boolean | undefined; /** `provider:<id>`, as in `BACKSPACE_MODELS`, before which Backspace tries it. The operator must have set up the provider. */
        readonly model?: string | undefined; /** `builtin` is Backspace's own agent, `claude-code` is Claude Code, if the operator installed it, and `dummy` uses no model. Default: `agent` in `.github/backspace.yml`, else `BACKSPACE_AGENT`. */
        readonly agent?: "builtin" | "claude-code" | "dummy" | undefined; /** Budget of the run in dollars, at most `BACKSPACE_BUDGET_USD`. */
        readonly budgetUsd?: number | undefined; /** `true`: make a plan and change nothing. The outcome is `plan`; `POST /runs/{id}/approve` has it carried out. */
        readonly plan?: boolean | undefined;
        readonly prove?: boolean | undefined;
        readonly setup?: boolean | undefined;
    }; /** Which agent was asked for, by whom, and which ones worked; null until an agent is chosen. */
    readonly agent: {
        readonly asked: "builtin" | "claude-code" | "dummy"; /** Who chose it: `request`, `repository` (`agent` in `.github/backspace.yml`) or `operator`. */
        readonly by: "request" | "repository" | "operator"; /** The agents that worked, in order; null until the run ends. */
        readonly worked: readonly ("builtin" | "claude-code" | "dummy")[] | null;
    } | null; /** The run that this one continues. */
    readonly parentRunId: string | null; /** 0 while queued; above 1 when the run was started again. */
    readonly attempt: number; /** ISO 8601, UTC. */
    readonly createdAt: string; /** Null while queued. */
    readonly startedAt: string | null; /** Null until the run ends. */
    readonly finishedAt: string | null; /** Milliseconds from the first start to the end; null for a run that has not ended or never started. */
    readonly durationMs: number | null; /** What the run produced; null unless it succeeded. */
    readonly outcome: "pull_request" | "answer" | "triage" | "question" | "plan" | "proof" | null; /** How the run ended, as a sentence for people; null until it ends. */
    readonly message: string | null; /** Error code of a failed run; `cancelled` for a run that was stopped; null otherwise. */
    readonly code: string | null; /** Whether the pull request is a draft. */
    readonly draft: boolean; /** What the verification of the change found; null without one. */
    readonly verdict: {
        readonly tone: "good" | "neutral" | "bad"; /** One line for people. */
        readonly line: string;
    } | null; /** Null without a pull request. */
    readonly pullRequestUrl: string | null; /** Null without a comment. */
    readonly commentUrl: string | null; /** Dollars; null when a price is not known. */
    readonly costUsd: number | null; /** Address of the run: a page for browsers, JSON for programs. */
    readonly runUrl: string; /** Event stream of the run. */
    readonly eventsUrl: string; /** Address that redirects to the trace of the run in LangSmith; null when the run was not traced. */
    readonly traceUrl: string | null; /** Address of the signed receipt of the verification; null without one. Check a receipt with `npm run verify`. */
    readonly receiptUrl: string | null; /** How long similar runs of this repository took and what they cost: the middle half of them. Null once the run has ended, and with fewer than five similar runs. */
    readonly similar: {
        readonly message: string; /** Which runs the figures come from. */
        readonly meaning: string;
        readonly runs: number;
        readonly ms: {
            readonly from: number;
            readonly to: number;
        };
        readonly usd: {
            readonly from: number;
            readonly to: number;
        } | null;
    } | null; /** What a queued run waits for; null for any other run. */
    readonly waiting: {
        readonly position: number;
        readonly waitingFor: "operator" | "worker" | "any_worker" | "thread" | "repository" | "installation" | "repository_usd" | "installation_usd" | "deployment" | "turn";
        readonly message: string;
    } | null;
};
type RunList = {
    readonly runs: readonly (Run)[]; /** Send it as `before` to get the next page; null on the last page. A page of search results may be short, or empty, and not be the last. */
    readonly next: string | null; /** Request time of the oldest run that this search has looked at, if older runs may match as well; null otherwise. */
    readonly searchedTo: string | null;
};
type Statistics = {
    readonly from: string; /** When the figures were read. */
    readonly to: string; /** `owner/name`; null if the figures cover every repository that the caller may see. */
    readonly repository: string | null; /** How many repositories the figures cover; null if they cover every repository that has runs. */
    readonly repositoriesSeen: number | null; /** Figures of this moment. `slots`: how many runs the live workers can execute at once; null unless the figures cover every repository. */
    readonly live: {
        readonly running: number;
        readonly queued: number;
        readonly longestWaitMs: number | null;
        readonly sandboxes: number;
        readonly cleanSandboxes: number;
        readonly slots: number | null;
    }; /** Runs that ended in these days. `successRate`: share of succeeded runs among those that succeeded or failed, 0 to 1. */
    readonly runs: {
        readonly ended: number;
        readonly succeeded: number;
        readonly failed: number;
        readonly cancelled: number;
        readonly successRate: number | null;
    }; /** Time from the request to the end of a run, for the newest runs that opened a pull request, 250 at most. */
    readonly timeToPullRequest: {
        readonly runs: number;
        readonly medianMs: number | null;
        readonly p90Ms: number | null;
    }; /** `total` is a lower bound if `runsOfUnknownCost` is not 0. `perMergedPullRequest`: the total divided by the number of pull requests of these days that were merged and not reverted. */
    readonly dollars: {
        readonly total: number;
        readonly runsOfUnknownCost: number;
        readonly perMergedPullRequest: number | null;
    }; /** What became of the pull requests that were opened in these days. Each counts once. */
    readonly pullRequests: {
        readonly opened: number;
        readonly open: number;
        readonly mergedUntouched: number;
        readonly mergedAfterRework: number;
        readonly reverted: number;
        readonly closed: number;
        readonly unknown: number;
    }; /** Use of each provider by runs that ended in the last 24 hours, the newest thousand at most. */
    readonly providers: readonly ({
        readonly provider: string;
        readonly runs: number;
        readonly turns: number;
        readonly retries: number;
        readonly fallbacks: number;
        readonly usd: number;
    })[]; /** Providers that the answering process does not use at the moment because of a problem with the account; null if it executes no runs. */
    readonly providersNow: readonly ({
        readonly provider: string;
        readonly why: string;
        readonly until: string;
    })[] | null; /** How often setup could use the setup cache, in runs with a cache. */
    readonly setupCache: {
        readonly hits: number;
        readonly begun: number;
        readonly misses: number;
    }; /** One entry for each day, oldest first, days without a run included. */
    readonly perDay: readonly ({
        readonly day: string;
        readonly succeeded: number;
        readonly failed: number;
        readonly cancelled: number;
        readonly usd: number;
        readonly runsOfUnknownCost: number;
    })[]; /** The repositories with the most runs, 20 at most. */
    readonly repositories: readonly ({
        readonly repository: string;
        readonly succeeded: number;
        readonly failed: number;
        readonly cancelled: number;
        readonly usd: number;
        readonly pullRequests: number;
    })[];
};
type Cancelling = {
    readonly runId: string;
    readonly status: "cancelling";
};
type ShareRequest = {
    readonly days?: 1 | 7 | 30 | undefined;
};
type Share = {
    readonly id: string; /** Name of the caller who created the link. */
    readonly madeBy: string;
    readonly createdAt: string;
    readonly expiresAt: string; /** The link. It is not shown again. */
    readonly url: string;
};
type ShareList = {
    readonly links: readonly ({
        readonly id: string; /** Name of the caller who created the link. */
        readonly madeBy: string;
        readonly createdAt: string;
        readonly expiresAt: string;
    })[];
};
type Receipt = {
    readonly payload: string;
    readonly payloadType: "application/vnd.in-toto+json";
    readonly signatures: readonly ({
        readonly keyid: string; /** Ed25519 signature of the pre-authentication encoding, in base64. */
        readonly sig: string;
    })[];
};
type Keys = {
    readonly keys: readonly ({
        readonly keyid: string;
        readonly algorithm: "ed25519"; /** PEM. */
        readonly public_key: string; /** No receipt of this key is older. */
        readonly created_at: string; /** No receipt of this key is newer; null for the key in use. */
        readonly retired_at: string | null;
    })[];
};
type Health = {
    readonly status: "ok" | "ready" | "not_ready"; /** Why the process is not ready. */
    readonly problems?: readonly (string)[] | undefined;
};
type WireEvent = {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "queued"; /** owner/name */
    readonly repository: string; /** 1 is next. */
    readonly position: number;
    readonly runUrl: string;
    readonly eventsUrl: string;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "paused"; /** Null when the pause is over. */
    readonly reason: string | null;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "claimed";
    readonly attempt: number;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent";
    readonly status: "started";
    readonly tool: string;
    readonly call_id: string;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "sandbox" | "clone" | "setup" | "baseline" | "agent" | "collect" | "checks" | "gate" | "verify" | "publish" | "pull_request" | "report";
    readonly status: "started"; /** In the step `agent`: the agent that starts to work. */
    readonly agent?: "builtin" | "claude-code" | "dummy" | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "sandbox" | "clone" | "setup" | "baseline" | "agent" | "collect" | "checks" | "gate" | "verify" | "publish" | "pull_request" | "report";
    readonly status: "ok" | "failed" | "skipped";
    readonly duration_ms: number;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "setup";
    readonly commands: readonly ({
        readonly command: string;
        readonly exit_code: number;
        readonly duration_ms: number; /** What the command printed; a line says how much of the middle is left out. */
        readonly output: string;
    })[]; /** Why setup failed. */
    readonly reason?: string | undefined; /** What the setup cache gave: `hit`, so no command had to run; `begun`, so the commands ran on top of cached dependencies; or `miss`. */
    readonly cache?: {
        readonly result: "hit" | "begun" | "miss";
        readonly saved_ms: number;
    } | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "baseline" | "checks";
    readonly phase: "before" | "after";
    readonly checks: readonly ({
        readonly command: string;
        readonly exit_code: number;
        readonly duration_ms: number; /** The end of what the check printed. */
        readonly output: string; /** Exit code of the first try, if only the second try passed. */
        readonly failed_first?: number | undefined; /** Why the check has no result of its own. */
        readonly cause?: {
            readonly kind: "cannot_run" | "did_not_end" | "not_started";
            readonly text: string;
        } | undefined; /** Tests in its report; absent if Backspace cannot read one. */
        readonly tests?: {
            readonly passed: number;
            readonly failed: number;
            readonly skipped: number;
        } | undefined;
    })[];
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "verify";
    readonly tone: "good" | "neutral" | "bad"; /** Why the pull request is a draft; empty if it need not be. */
    readonly draft: readonly (string)[]; /** What else reviewers should know. */
    readonly remarks: readonly (string)[]; /** The facts. */
    readonly verification: {
        readonly mode: "full" | "checks";
        readonly baseBranch: string;
        readonly baseSha: string; /** Git's id of the verified tree. */
        readonly tree: string; /** Why nothing could be verified. */
        readonly unverified?: string | undefined;
        readonly checks: readonly ({
            readonly command: string; /** Folder of the project; empty for the root. */
            readonly folder: string;
            readonly verdict: "passes" | "fixed" | "newly_failing" | "still_failing" | "cannot_tell" | "flaky" | "no_proof"; /** Absent if the names of the tests cannot be read. */
            readonly tests?: {
                readonly before: {
                    readonly passed: number;
                    readonly failed: number;
                    readonly skipped: number;
                };
                readonly after: {
                    readonly passed: number;
                    readonly failed: number;
                    readonly skipped: number;
                }; /** Named tests. */
                readonly newlyFailing: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                }; /** Named tests. */
                readonly newlyPassing: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                }; /** Named tests. */
                readonly stillFailing: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                }; /** Named tests. */
                readonly newlySkipped: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                }; /** Tests that were reported before the change and are not reported now. */
                readonly missing: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                }; /** Named tests. */
                readonly added: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                };
            } | undefined; /** Lines in which the check says what fails, the same before and after, though no test fails. */
            readonly redWords?: {
                readonly count: number; /** Names of the first ones. */
                readonly names: readonly (string)[];
            } | undefined; /** Set when, as far as is known, the check passes only with edits to files that decide how it runs. */
            readonly steered?: {
                readonly files: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                }; /** Tests that passed before and fail without the edits to these files. */
                readonly failing?: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                } | undefined; /** Why the check was not run without these edits. */
                readonly reason?: string | undefined;
            } | undefined;
        })[]; /** How the tests of the change do on the source without it. */
        readonly regression?: {
            readonly verdict: "fails_on_base" | "exit_code_only" | "passes_on_base" | "does_not_build" | "not_collected" | "no_tests" | "no_source" | "skipped"; /** Tests that pass with the change and fail without it. */
            readonly held: {
                readonly count: number; /** Names of the first ones. */
                readonly names: readonly (string)[];
            }; /** Tests that the change adds and that pass without it as well. */
            readonly loose: {
                readonly count: number; /** Names of the first ones. */
                readonly names: readonly (string)[];
            }; /** Tests that failed before and pass with only the changes to tests. */
            readonly byTestsAlone?: {
                readonly count: number; /** Names of the first ones. */
                readonly names: readonly (string)[];
            } | undefined;
            readonly reason?: string | undefined;
        } | undefined; /** What happens when each source hunk is left out alone. */
        readonly necessity?: {
            readonly hunks: number;
            readonly tried: number; /** Number of hunks without which at least one test fails. */
            readonly held: number; /** For each of those, the check and its tests that fail without the hunk. */
            readonly needed?: readonly ({
                readonly path: string;
                readonly from: number;
                readonly to: number;
                readonly command: string; /** Named tests. */
                readonly tests?: {
                    readonly count: number; /** Names of the first ones. */
                    readonly names: readonly (string)[];
                } | undefined;
            })[] | undefined;
            readonly loose: readonly ({
                readonly path: string;
                readonly from: number;
                readonly to: number;
                readonly diff: string;
            })[]; /** Why some hunks were not tried. */
            readonly reason?: string | undefined;
        } | undefined; /** Changed source lines that the checks ran, according to the repository's own coverage tool. */
        readonly coverage?: {
            readonly lines: number; /** Number of these that ran at least once. */
            readonly run: number; /** The first lines that did not run. */
            readonly missed: readonly ({
                readonly path: string;
                readonly from: number;
                readonly to: number;
            })[]; /** Changed files that are missing from every report, or none of whose lines ran. */
            readonly unmeasured: {
                readonly count: number; /** Names of the first ones. */
                readonly names: readonly (string)[];
            }; /** Why nothing was measured. */
            readonly reason?: string | undefined;
        } | undefined;
        readonly notChecked: readonly ({
            readonly path: string;
            readonly reason: string;
        })[]; /** Differences between the agent's workspace and the clean sandbox, and changed settings that do not apply yet. */
        readonly differences: readonly (string)[]; /** The clean sandboxes, and how long each took. */
        readonly rooms: readonly ({
            readonly name: "base" | "head" | "regression";
            readonly durationMs: number;
            readonly setupMs: number; /** Whether its dependencies came from the setup cache. */
            readonly cached: boolean;
        })[];
    };
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "collect";
    readonly files: readonly ({
        readonly path: string;
        readonly status: "added" | "modified" | "deleted" | "renamed";
        readonly additions: number;
        readonly deletions: number;
    })[];
    readonly diff: string;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent";
    readonly plan: readonly ({
        readonly text: string;
        readonly status: "pending" | "in_progress" | "done" | "dropped";
    })[];
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent";
    readonly author: string;
    readonly note: string;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent";
    readonly compaction: {
        readonly number: number;
        readonly summaryBy: "model" | "host";
        readonly tokensBefore: number;
        readonly tokensAfter: number;
    };
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent"; /** 1 for the first turn of the run. */
    readonly turn: number;
    readonly provider: string;
    readonly model: string;
    readonly response_id: string | null;
    readonly stop: string;
    readonly attempts: number; /** Tokens. */
    readonly usage: {
        readonly input: number;
        readonly cacheRead: number;
        readonly cacheWrite: number;
        readonly output: number;
    };
    readonly context_tokens: number | null; /** Dollars; null when a price is not known. */
    readonly cost_usd: number | null;
    readonly duration_ms: number;
    readonly waited_ms: number;
    readonly first_token_ms: number | null;
    readonly tokens_per_second: number | null;
    readonly harness_ms: number; /** Totals of the run up to this turn. */
    readonly so_far?: {
        readonly tokens: number;
        readonly cost_usd: number; /** Share of each limit that is used; 1 is all of it. */
        readonly limits_used: {
            readonly steps: number;
            readonly minutes: number;
            readonly usd: number;
            readonly tokens: number;
        };
    } | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent";
    readonly level: "warning";
    readonly model: string;
    readonly attempt: number;
    readonly error_class: string;
    readonly wait_ms: number;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent";
    readonly level: "warning";
    readonly from: string;
    readonly to: string;
    readonly error_class: string;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "agent";
    readonly claim: "done" | "partial" | "blocked" | "no_change";
    readonly verdict: "accepted" | "sent_back" | "self_review";
    readonly duration_ms: number;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "info"; /** Percent; never decreases. */
    readonly progress: number;
    readonly step: "notice" | "agent";
    readonly level: "info" | "warning"; /** The agent that works from here on, if it changes. */
    readonly agent?: "builtin" | "claude-code" | "dummy" | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "AI Message";
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly call_id: string;
    readonly status: "ok" | "error" | "skipped" | "interrupted";
    readonly duration_ms: number; /** Bytes of the result that were sent to the model. */
    readonly bytes_sent?: number | undefined; /** Bytes of the whole result. */
    readonly bytes_full?: number | undefined;
    readonly truncated?: boolean | undefined;
    readonly type: "Tool: Read";
    readonly filepath: string;
    readonly lines: number; /** Why the call failed; absent if it succeeded. */
    readonly output?: string | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly call_id: string;
    readonly status: "ok" | "error" | "skipped" | "interrupted";
    readonly duration_ms: number; /** Bytes of the result that were sent to the model. */
    readonly bytes_sent?: number | undefined; /** Bytes of the whole result. */
    readonly bytes_full?: number | undefined;
    readonly truncated?: boolean | undefined;
    readonly type: "Tool: Edit";
    readonly filepath: string;
    readonly old_str: string;
    readonly new_str: string; /** The further edits, if one call makes several. */
    readonly more_edits?: readonly ({
        readonly old_str: string;
        readonly new_str: string;
    })[] | undefined; /** Why the call failed; absent if it succeeded. */
    readonly output?: string | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly call_id: string;
    readonly status: "ok" | "error" | "skipped" | "interrupted";
    readonly duration_ms: number; /** Bytes of the result that were sent to the model. */
    readonly bytes_sent?: number | undefined; /** Bytes of the whole result. */
    readonly bytes_full?: number | undefined;
    readonly truncated?: boolean | undefined;
    readonly type: "Tool: Write";
    readonly filepath: string;
    readonly bytes: number;
    readonly content: string; /** Why the call failed; absent if it succeeded. */
    readonly output?: string | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly call_id: string;
    readonly status: "ok" | "error" | "skipped" | "interrupted";
    readonly duration_ms: number; /** Bytes of the result that were sent to the model. */
    readonly bytes_sent?: number | undefined; /** Bytes of the whole result. */
    readonly bytes_full?: number | undefined;
    readonly truncated?: boolean | undefined;
    readonly type: "Tool: Bash";
    readonly command: string;
    readonly output: string; /** Null when the command did not run. */
    readonly exit_code: number | null;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly call_id: string;
    readonly status: "ok" | "error" | "skipped" | "interrupted";
    readonly duration_ms: number; /** Bytes of the result that were sent to the model. */
    readonly bytes_sent?: number | undefined; /** Bytes of the whole result. */
    readonly bytes_full?: number | undefined;
    readonly truncated?: boolean | undefined;
    readonly type: "Tool: Grep";
    readonly pattern?: string | undefined;
    readonly matches?: number | undefined; /** Why the call failed; absent if it succeeded. */
    readonly output?: string | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly call_id: string;
    readonly status: "ok" | "error" | "skipped" | "interrupted";
    readonly duration_ms: number; /** Bytes of the result that were sent to the model. */
    readonly bytes_sent?: number | undefined; /** Bytes of the whole result. */
    readonly bytes_full?: number | undefined;
    readonly truncated?: boolean | undefined;
    readonly type: "Tool: Glob";
    readonly pattern?: string | undefined;
    readonly matches?: number | undefined; /** Why the call failed; absent if it succeeded. */
    readonly output?: string | undefined;
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "success";
    readonly telemetry: {
        readonly thinking_logs_count: number; /** Whether the run is traced in LangSmith. */
        readonly langsmith_enabled: boolean; /** The last ten recorded steps. */
        readonly recent_thoughts: readonly ({
            readonly step: string;
            readonly thought: string;
        })[];
    };
    readonly extra_data: {
        readonly outcome: "pull_request" | "answer" | "triage" | "question" | "plan" | "proof"; /** Null without a pull request. */
        readonly pr_url: string | null; /** Null without a comment. */
        readonly comment_url: string | null; /** Whether the pull request is a draft. */
        readonly draft: boolean; /** Milliseconds from the first start to the end. */
        readonly total_duration_ms: number; /** 1 unless the run was started again. */
        readonly attempts: number; /** Provider of the model that finished the work; null when no model was used. */
        readonly ai_provider: string | null; /** The models that answered, in order of first use. */
        readonly models: readonly (string)[]; /** The agents that worked, in order; absent in older runs. */
        readonly agents?: readonly ("builtin" | "claude-code" | "dummy")[] | undefined; /** Dollars; null when a price is not known. */
        readonly cost_usd: number | null; /** Turns and dollars of each provider, in order of first use. */
        readonly cost_by_provider: readonly ({
            readonly provider: string;
            readonly turns: number; /** Dollars; null when a price is not known. */
            readonly cost_usd: number | null;
        })[]; /** Answers from models. */
        readonly turns: number; /** Tool calls, failed ones included. */
        readonly tool_calls: number; /** Tool calls that failed. */
        readonly tool_errors: number; /** Edits that were applied. */
        readonly edits_ok: number; /** Edits that were refused. */
        readonly edits_failed: number; /** Tokens sent that were neither read from a cache nor written to one. */
        readonly input_tokens: number; /** Tokens sent that were read from the provider's cache. */
        readonly cache_read_tokens: number; /** Tokens sent that were written to the provider's cache. */
        readonly cache_write_tokens: number; /** Tokens received. */
        readonly output_tokens: number; /** Share of the tokens sent that were read from a cache, 0 to 1; null when none were sent. */
        readonly cache_share: number | null; /** Requests to a model that were repeated. */
        readonly retries: number; /** How often another model took over. */
        readonly fallbacks: number; /** How often the agent claimed to be done and was sent back to work. */
        readonly bounces: number; /** Checks before the change; null when they did not run. */
        readonly checks_before: {
            readonly passed: number;
            readonly failed: number;
        } | null; /** Checks after the change; null when they did not run. */
        readonly checks_after: {
            readonly passed: number;
            readonly failed: number;
        } | null; /** Verdict of the last verification; absent without one. */
        readonly verdict?: {
            readonly tone: "good" | "neutral" | "bad"; /** One line for people. */
            readonly line: string;
        } | undefined; /** Share of each limit at the last turn; 1 is all of it. */
        readonly limits_used: {
            readonly steps: number;
            readonly minutes: number;
            readonly usd: number;
            readonly tokens: number;
        } | null; /** Milliseconds spent waiting for models, retries included. */
        readonly model_ms: number; /** Milliseconds to the first token: the median of all turns; null when it was not measured. */
        readonly first_token_ms: number | null; /** Milliseconds spent waiting for tools; parallel calls count once. */
        readonly tool_ms: number; /** Milliseconds spent by Backspace itself. */
        readonly harness_ms: number;
    };
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly type: "error"; /** `cancelled` for a run that was stopped. */
    readonly code: string;
    readonly telemetry: {
        readonly thinking_logs_count: number; /** Whether the run is traced in LangSmith. */
        readonly langsmith_enabled: boolean; /** The last ten recorded steps. */
        readonly recent_thoughts: readonly ({
            readonly step: string;
            readonly thought: string;
        })[];
    };
    readonly extra_data: {
        readonly outcome: null;
        readonly pr_url: null; /** Milliseconds from the first start to the end. */
        readonly total_duration_ms: number; /** 1 unless the run was started again. */
        readonly attempts: number; /** Provider of the model that finished the work; null when no model was used. */
        readonly ai_provider: string | null; /** The models that answered, in order of first use. */
        readonly models: readonly (string)[]; /** The agents that worked, in order; absent in older runs. */
        readonly agents?: readonly ("builtin" | "claude-code" | "dummy")[] | undefined; /** Dollars; null when a price is not known. */
        readonly cost_usd: number | null; /** Turns and dollars of each provider, in order of first use. */
        readonly cost_by_provider: readonly ({
            readonly provider: string;
            readonly turns: number; /** Dollars; null when a price is not known. */
            readonly cost_usd: number | null;
        })[]; /** Answers from models. */
        readonly turns: number; /** Tool calls, failed ones included. */
        readonly tool_calls: number; /** Tool calls that failed. */
        readonly tool_errors: number; /** Edits that were applied. */
        readonly edits_ok: number; /** Edits that were refused. */
        readonly edits_failed: number; /** Tokens sent that were neither read from a cache nor written to one. */
        readonly input_tokens: number; /** Tokens sent that were read from the provider's cache. */
        readonly cache_read_tokens: number; /** Tokens sent that were written to the provider's cache. */
        readonly cache_write_tokens: number; /** Tokens received. */
        readonly output_tokens: number; /** Share of the tokens sent that were read from a cache, 0 to 1; null when none were sent. */
        readonly cache_share: number | null; /** Requests to a model that were repeated. */
        readonly retries: number; /** How often another model took over. */
        readonly fallbacks: number; /** How often the agent claimed to be done and was sent back to work. */
        readonly bounces: number; /** Checks before the change; null when they did not run. */
        readonly checks_before: {
            readonly passed: number;
            readonly failed: number;
        } | null; /** Checks after the change; null when they did not run. */
        readonly checks_after: {
            readonly passed: number;
            readonly failed: number;
        } | null; /** Verdict of the last verification; absent without one. */
        readonly verdict?: {
            readonly tone: "good" | "neutral" | "bad"; /** One line for people. */
            readonly line: string;
        } | undefined; /** Share of each limit at the last turn; 1 is all of it. */
        readonly limits_used: {
            readonly steps: number;
            readonly minutes: number;
            readonly usd: number;
            readonly tokens: number;
        } | null; /** Milliseconds spent waiting for models, retries included. */
        readonly model_ms: number; /** Milliseconds to the first token: the median of all turns; null when it was not measured. */
        readonly first_token_ms: number | null; /** Milliseconds spent waiting for tools; parallel calls count once. */
        readonly tool_ms: number; /** Milliseconds spent by Backspace itself. */
        readonly harness_ms: number;
    };
} | {
    readonly seq: number;
    readonly runId: string; /** ISO 8601, UTC. */
    readonly at: string; /** What happened, as a sentence for people. */
    readonly message: string;
    readonly call_id: string;
    readonly status: "ok" | "error" | "skipped" | "interrupted";
    readonly duration_ms: number; /** Bytes of the result that were sent to the model. */
    readonly bytes_sent?: number | undefined; /** Bytes of the whole result. */
    readonly bytes_full?: number | undefined;
    readonly truncated?: boolean | undefined;
    readonly type: `Tool: ${string}`;
    readonly output: string;
};
export type { CodeRequest, ProofRequest, Note, Approval, Accepted, Status, Run, RunInFull, RunList, Statistics, Cancelling, ShareRequest, Share, ShareList, Receipt, Keys, Health, WireEvent, };
