import type { Forward } from './forwarding.ts'
import type { LiveView } from './live-view.ts'
import type { RefusedHost } from './refused-host.ts'
import type { SandboxSnapshots } from './snapshots.ts'

/**
 * A place that runs repository code. Everything in it is untrusted: files are reached inside the sandbox, never through
 * the host's file system, and the host checks whatever a sandbox says.
 */
export interface Sandbox {
  /** The same for the whole life of the sandbox. `SandboxProvider.attach` finds the sandbox by it. */
  readonly id: string
  /** The user's writable home: an absolute path inside the sandbox. The workspace is `${home}/workspace`. */
  readonly home: string
  /** The snapshot that the sandbox started from; undefined if it started empty. */
  readonly snapshotId?: string | undefined
  /** Where to show what commands print while they run. The pipeline sets it; providers leave it out. */
  readonly live?: LiveView | undefined

  /**
   * Runs a bash command, exactly once. A failing command is a value, not an exception. On timeout or abort the whole
   * process tree is killed. Output is limited: a line that says how much was left out replaces the middle.
   *
   * @throws {SandboxError} only if the sandbox itself is gone or unreachable.
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>

  /**
   * Reads a regular file. Pipes, devices and sockets are refused, so the call never waits for them.
   *
   * @throws {SandboxError} class `path_not_found` if there is no such regular file, or it is larger than allowed.
   * @throws the signal's reason as soon as it aborts.
   */
  readFile(path: string, options?: ReadFileOptions): Promise<Uint8Array>
  /**
   * Says what is at a path and reads it, in one request. Links are followed inside the sandbox, as its commands would.
   *
   * @param path absolute, or relative to `cwd`; need not exist.
   * @throws {SandboxError} class `path_not_found` if it cannot be looked up.
   */
  inspect(path: string, options: InspectOptions): Promise<InspectedPath>
  /**
   * Writes a regular file and creates missing directories. Links are followed inside the sandbox.
   *
   * @throws {SandboxError} class `path_not_found` if there is something other than a regular file; `no_space`.
   * @throws the signal's reason as soon as it aborts; the file may then be written in part.
   */
  writeFile(path: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<void>

  /** Lets programs in the sandbox ask a handler on the host. */
  readonly forward: Forward
  /** Replaces the egress policy. A local sandbox may restart its processes for that; its files stay. */
  setEgress(policy: EgressPolicy): Promise<void>
  /** Hosts that code in the sandbox has failed to reach so far. The names are untrusted. */
  refusedHosts?(): readonly RefusedHost[]
  /** Keeps the sandbox for at least `ms` milliseconds from now. */
  extend(ms: number): Promise<void>
  /**
   * Stops the sandbox and keeps its files and memory, without a time limit, until `attach` wakes it or `kill` ends it.
   * Absent where that is not possible.
   *
   * @throws {SandboxError} if it could not be stopped; then it must be ended.
   */
  pause?(): Promise<void>
  /**
   * Ends the sandbox and every process in it. Safe to call twice.
   *
   * @throws {SandboxError} `unreachable` after about two seconds without an answer; more attempts follow.
   */
  kill(): Promise<void>
}

/** The largest file that is read, in bytes, unless a caller sets another limit. */
export const MAX_READ_BYTES = 256 * 1024 * 1024

export interface ReadFileOptions {
  /** Largest size to read, in bytes; default `MAX_READ_BYTES`. */
  readonly maxBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface WriteFileOptions {
  readonly signal?: AbortSignal | undefined
  /** True for a path that no code in the sandbox knows yet: a large file then takes one request less at E2B. */
  readonly isNew?: boolean | undefined
}

export interface InspectOptions {
  /** Absolute path inside the sandbox. */
  readonly cwd: string
  /** Largest size to read, in bytes. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

/** Paths are absolute, inside the sandbox, with all symbolic links followed. */
export interface InspectedPath {
  /** The path that `cwd` resolves to. */
  readonly root: string
  readonly path: string
  readonly kind: 'file' | 'directory' | 'missing' | 'other'
  /** Size in bytes; 0 unless it is a file. */
  readonly size: number
  readonly executable: boolean
  /** Content of a file below `cwd`; undefined if the file is too large or cannot be read. */
  readonly bytes?: Uint8Array | undefined
}

/**
 * Whose shell runs a command. Code in the sandbox can write to its home, and so to what a shell reads when it starts.
 *
 * - `host`: nothing that was written in the sandbox takes part: no profile, no functions, an empty HOME, and the PATH
 *   that the sandbox was made with. For every command whose output Backspace itself relies on.
 * - `agent`: the login shell of the sandbox's user, with its HOME and what its profile exports. For commands that the
 *   agent or a project's setup asks for.
 */
export type Shell = 'host' | 'agent'

export interface ExecOptions {
  /** Default `host`. */
  readonly shell?: Shell | undefined
  /** Absolute path inside the sandbox; default: `home`. */
  readonly cwd?: string | undefined
  /** Added to the shell's environment, which never contains variables of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Milliseconds; default 120,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly stdin?: string | Uint8Array | undefined
  /** Called with live output, up to `maxOutputBytes` of each stream. */
  readonly onStdout?: ((chunk: string) => void) | undefined
  readonly onStderr?: ((chunk: string) => void) | undefined
  /** Called once, with a function that returns the last `LOOK_BYTES` of stdout while the command runs. */
  readonly onStart?: ((look: () => Promise<string>) => void) | undefined
  /** How many bytes of each stream the result keeps; default 1 MiB. */
  readonly maxOutputBytes?: number | undefined
  /** A command to run after this one; see `ExecResult.next`. */
  readonly next?: NextCommand | undefined
}

/** A command that is sent along with another one. Its limits are its own, with the defaults of `ExecOptions`. */
export interface NextCommand
  extends Pick<ExecOptions, 'shell' | 'cwd' | 'env' | 'timeoutMs' | 'maxOutputBytes'> {
  readonly command: string
}

export interface ExecResult {
  /** 124 after a timeout, 130 after an abort, 137 if the command is lost. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** `lost`: the sandbox ended the command, perhaps after part of its work. The caller may run it again. */
  readonly outcome: 'exited' | 'timeout' | 'aborted' | 'lost'
  /**
   * The result of `ExecOptions.next`, which starts as soon as the command has ended in any way but an abort. `exec`
   * does not wait for it, and at E2B it costs no request. It need not be awaited.
   */
  readonly next?: Promise<ExecResult> | undefined
}

/** Hosts that code in the sandbox may reach. `*.example.org` covers subdomains; an empty list means no network. */
export interface EgressPolicy {
  readonly allowHosts: readonly string[]
  /** Like `allowHosts`, but not chosen by the operator: even an exact name may lead only to public addresses. */
  readonly publicHosts?: readonly string[] | undefined
}

/** All hosts of a policy, for callers that only compare names. */
export function hostsOf({ allowHosts, publicHosts = [] }: EgressPolicy): readonly string[] {
  return [...allowHosts, ...publicHosts]
}

export interface CreateSandboxRequest {
  readonly runId: string
  /** The sandbox ends after this many milliseconds unless it is extended. */
  readonly timeoutMs: number
  readonly egress: EgressPolicy
  /** For E2B: a template to use instead of the operator's usual one. Other sandboxes have none. */
  readonly template?: string | undefined
  /** The snapshot to start from. If it can no longer be used, the sandbox starts empty. */
  readonly snapshotId?: string | undefined
  /** Ends the wait. If the sandbox is created after that, it is ended at once. */
  readonly signal?: AbortSignal | undefined
  /** Called once per reason for waiting, with a sentence for people. */
  readonly onWait?: ((message: string) => void) | undefined
}

export interface SandboxInfo {
  readonly id: string
  readonly runId: string
  readonly startedAt: Date
}

export interface SandboxProvider {
  readonly kind: SandboxKind
  /** True if a sandbox can reach the repository's host, so that it can clone with a read token. */
  readonly reachesGitHub: boolean
  /** Undefined if files cannot be kept for later sandboxes. */
  readonly snapshots?: SandboxSnapshots | undefined
  /**
   * Creates a sandbox; waits while there is no capacity.
   *
   * @throws {SandboxError} `unavailable`, or the signal's reason.
   */
  create(request: CreateSandboxRequest): Promise<Sandbox>
  /** @throws {SandboxError} class `gone` if it no longer exists. */
  attach(id: string): Promise<Sandbox>
  /**
   * Ends a sandbox of this deployment, even if another process uses it. Does nothing if there is none.
   *
   * @throws {SandboxError} `unreachable`
   */
  kill(id: string): Promise<void>
  /** Lists only the sandboxes of this deployment, recognized by Backspace's own metadata. */
  list(query: { readonly deployment: string }): Promise<readonly SandboxInfo[]>
}

export type SandboxKind = 'e2b' | 'local' | 'unconfined'

/**
 * - `gone`: the sandbox no longer exists; everything in it is lost.
 * - `over_limit`: the sandbox was ended because it used too much; the message says what and how much.
 * - `unreachable`: no answer; the sandbox may still exist, so it must not be replaced silently.
 * - `unavailable`: none can be created (not installed, quota, bad key); the message says what to do.
 * - `path_not_found`: no such regular file.
 * - `no_space`: the disk is full.
 */
export type SandboxErrorClass =
  | 'gone'
  | 'over_limit'
  | 'unreachable'
  | 'unavailable'
  | 'path_not_found'
  | 'no_space'

export class SandboxError extends Error {
  readonly class: SandboxErrorClass

  constructor(errorClass: SandboxErrorClass, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'SandboxError'
    this.class = errorClass
  }
}
