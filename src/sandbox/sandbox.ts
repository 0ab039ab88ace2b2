import type { Forward } from './forwarding.ts'
import type { LiveView } from './live-view.ts'
import type { RefusedHost } from './refused-host.ts'
import type { SandboxSnapshots } from './snapshots.ts'

/**
 * Runs repository code. Everything inside is untrusted: files are reached inside the sandbox, never through the host's
 * file system, and the host checks whatever a sandbox says.
 */
export interface Sandbox {
  /** Stable for the life of the sandbox; `SandboxProvider.attach` finds it again. */
  readonly id: string
  /** The user's writable home: an absolute path inside the sandbox. The workspace is `${home}/workspace`. */
  readonly home: string
  /** The snapshot that it began with; undefined if it began empty. */
  readonly snapshotId?: string | undefined
  /** Where to show what its commands print while they run. The pipeline knows; providers have none. */
  readonly live?: LiveView | undefined

  /**
   * Runs a bash command, once. A failing command is a value, not an exception. On timeout or abort the whole process tree
   * is killed. Output is bounded: a line that says how much was left out replaces the middle.
   *
   * @throws {SandboxError} only if the sandbox itself is gone or unreachable.
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>

  /**
   * Reads a regular file, and waits for nothing else: pipes, devices and sockets are refused.
   *
   * @throws {SandboxError} class `path_not_found` if there is no such regular file, or it is larger than allowed.
   * @throws the signal's reason as soon as it aborts.
   */
  readFile(path: string, options?: ReadFileOptions): Promise<Uint8Array>
  /**
   * Says what is at a path, and reads it, in one request. Links are followed inside the sandbox, as its commands do.
   *
   * @param path absolute, or relative to `cwd`; need not exist.
   * @throws {SandboxError} class `path_not_found` if it cannot be looked up.
   */
  inspect(path: string, options: InspectOptions): Promise<InspectedPath>
  /**
   * Writes a regular file, also creates missing directories. Links are followed inside the sandbox.
   *
   * @throws {SandboxError} class `path_not_found` if something else than a regular file is there; `no_space`.
   * @throws the signal's reason as soon as it aborts; the file may then be written in part.
   */
  writeFile(path: string, bytes: Uint8Array, options?: WriteFileOptions): Promise<void>

  /** Lets programs in it ask a handler on the host. */
  readonly forward: Forward
  /** Replaces the egress policy. A local sandbox may restart its processes to do so; files stay. */
  setEgress(policy: EgressPolicy): Promise<void>
  /** Hosts that code in the sandbox failed to reach so far, if the sandbox knows; the names are untrusted. */
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

/** The largest file that is read unless a caller says otherwise. */
export const MAX_READ_BYTES = 256 * 1024 * 1024

export interface ReadFileOptions {
  /** A larger file is not read; default `MAX_READ_BYTES`. */
  readonly maxBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface WriteFileOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * True for a path that Backspace chose and no code of the sandbox knows yet: nothing can be in its place, and a large
   * file takes one request less at E2B.
   */
  readonly isNew?: boolean | undefined
}

export interface InspectOptions {
  /** Absolute path inside the sandbox. */
  readonly cwd: string
  /** Larger files are not read. */
  readonly maxBytes: number
  readonly signal?: AbortSignal | undefined
}

/** Paths are absolute, inside the sandbox, with all symbolic links followed. */
export interface InspectedPath {
  /** The path of `cwd`. */
  readonly root: string
  readonly path: string
  readonly kind: 'file' | 'directory' | 'missing' | 'other'
  /** In bytes; 0 unless it is a file. */
  readonly size: number
  readonly executable: boolean
  /** Content of a file below `cwd`; undefined if it is too large or unreadable. */
  readonly bytes?: Uint8Array | undefined
}

/**
 * Whose shell runs a command. Code in the sandbox can write to its home, and with that to what a shell starts with.
 *
 * - `host`: nothing that was written in the sandbox takes part: no profile, no functions, an empty HOME, and the PATH that
 *   the sandbox was made with. For every command whose output Backspace itself relies on.
 * - `agent`: the login shell of the sandbox's user, with its HOME and what its profile exports. For what the agent or a
 *   project's setup asks for.
 */
export type Shell = 'host' | 'agent'

export interface ExecOptions {
  /** Default `host`. */
  readonly shell?: Shell | undefined
  /** Absolute path inside the sandbox; default: `home`. */
  readonly cwd?: string | undefined
  /** Added to the shell's environment, which never has the variables of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Default 120,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly stdin?: string | Uint8Array | undefined
  /** Live output, up to `maxOutputBytes` of each stream. */
  readonly onStdout?: ((chunk: string) => void) | undefined
  readonly onStderr?: ((chunk: string) => void) | undefined
  /** Called once, with a function that returns the last `LOOK_BYTES` of stdout so far while the command runs. */
  readonly onStart?: ((look: () => Promise<string>) => void) | undefined
  /** Bytes kept of each stream in the result; default 1 MiB. */
  readonly maxOutputBytes?: number | undefined
  /** Runs after this command, see `ExecResult.next`. */
  readonly next?: NextCommand | undefined
}

/** A command that rides on another one. Its times and sizes are its own; its defaults those of `ExecOptions`. */
export interface NextCommand
  extends Pick<ExecOptions, 'shell' | 'cwd' | 'env' | 'timeoutMs' | 'maxOutputBytes'> {
  readonly command: string
}

export interface ExecResult {
  /** 124 after a timeout, 130 after an abort, 137 if it is lost. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** `lost`: the sandbox ended it, with what it had done so far. Whether it may run again is for the caller to say. */
  readonly outcome: 'exited' | 'timeout' | 'aborted' | 'lost'
  /**
   * The result of `ExecOptions.next`, which starts as soon as the command has ended, however it ended, unless it was
   * aborted. `exec` does not wait for it, and at E2B it costs no request. It need not be awaited.
   */
  readonly next?: Promise<ExecResult> | undefined
}

/** Hosts that code in the sandbox may reach. `*.example.org` covers subdomains; an empty list means no network. */
export interface EgressPolicy {
  readonly allowHosts: readonly string[]
  /** The same for names that someone else than the operator chose: only public addresses, even of an exact name. */
  readonly publicHosts?: readonly string[] | undefined
}

/** All of them, for those who only compare names. */
export function hostsOf({ allowHosts, publicHosts = [] }: EgressPolicy): readonly string[] {
  return [...allowHosts, ...publicHosts]
}

export interface CreateSandboxRequest {
  readonly runId: string
  /** The sandbox ends after this time without `extend`. */
  readonly timeoutMs: number
  readonly egress: EgressPolicy
  /** Of E2B, instead of the operator's usual one; other sandboxes have none. */
  readonly template?: string | undefined
  /** What to begin with. If it cannot be used any more, the sandbox begins empty. */
  readonly snapshotId?: string | undefined
  /** Stops the wait. If the sandbox is created later, it is ended at once. */
  readonly signal?: AbortSignal | undefined
  /** Called once per reason for a wait, with a sentence for people. */
  readonly onWait?: ((message: string) => void) | undefined
}

export interface SandboxInfo {
  readonly id: string
  readonly runId: string
  readonly startedAt: Date
}

export interface SandboxProvider {
  readonly kind: SandboxKind
  /** True if the sandbox can reach the repository's host, so that it can clone with a read token. */
  readonly reachesGitHub: boolean
  /** Undefined if files cannot be kept for later sandboxes. */
  readonly snapshots?: SandboxSnapshots | undefined
  /**
   * Waits while no capacity is free.
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
  /** Only sandboxes of this deployment, recognised by our own metadata. */
  list(query: { readonly deployment: string }): Promise<readonly SandboxInfo[]>
}

export type SandboxKind = 'e2b' | 'local' | 'unconfined'

/**
 * - `gone`: it no longer exists; everything in it is lost.
 * - `over_limit`: it used more than it may, so it was ended; the message says what and how much.
 * - `unreachable`: no answer; it may still exist, so it must not be replaced silently.
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
