/**
 * The place where repository code runs. Everything inside is untrusted: files are reached inside the sandbox,
 * never through the host's file system, and nothing that a sandbox says is believed without a check.
 */
export interface Sandbox {
  /** Stable for the life of the sandbox; `SandboxProvider.attach` finds it again. */
  readonly id: string
  /** Absolute path inside the sandbox of the user's writable home. The workspace is `${home}/workspace`. */
  readonly home: string

  /**
   * Runs a bash command. A failing command is a value, not an exception.
   * Kills the whole process tree on timeout or abort; output is bounded (head and tail are kept, the middle is
   * replaced by a line that says how much was left out).
   *
   * @throws {SandboxError} only when the sandbox itself is gone or unreachable.
   */
  exec(command: string, options?: ExecOptions): Promise<ExecResult>

  /** @throws {SandboxError} class `path_not_found` when there is no such regular file. */
  readFile(path: string): Promise<Uint8Array>
  /**
   * Says what stands at a path and reads it, at one go. Links are followed inside the sandbox, because only there do
   * they mean what they mean to its commands.
   *
   * @param path absolute, or from `cwd`; need not exist.
   * @throws {SandboxError} class `path_not_found` when it cannot be looked up.
   */
  inspect(path: string, options: InspectOptions): Promise<InspectedPath>
  /** Creates missing directories. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>

  /** Replaces the egress policy. A local sandbox may restart its processes to do so; files stay. */
  setEgress(policy: EgressPolicy): Promise<void>
  /** Hosts that code in it has asked for in vain so far, where the sandbox knows; the names are untrusted. */
  refusedHosts?(): readonly RefusedHost[]
  /** The sandbox lives at least `ms` milliseconds from now. */
  extend(ms: number): Promise<void>
  /**
   * Ends the sandbox and every process in it. Safe to call twice.
   *
   * @throws {SandboxError} `unreachable` after about two seconds without an answer; it is tried further.
   */
  kill(): Promise<void>
}

export interface InspectOptions {
  /** Absolute path inside the sandbox. */
  readonly cwd: string
  /** A larger file is not read. */
  readonly maxBytes: number
  readonly signal?: AbortSignal
}

/** Paths are absolute, inside the sandbox, with every symbolic link followed. */
export interface InspectedPath {
  /** Of `cwd`. */
  readonly root: string
  readonly path: string
  readonly kind: 'file' | 'directory' | 'missing' | 'other'
  /** Bytes; 0 unless it is a file. */
  readonly size: number
  readonly executable: boolean
  /** Of a file below `cwd` that is not too large and may be read. */
  readonly bytes?: Uint8Array
}

export interface ExecOptions {
  /** Absolute path inside the sandbox; default: `home`. */
  readonly cwd?: string
  /** Added to a clean environment; never inherits the host's. */
  readonly env?: Readonly<Record<string, string>>
  /** Default 120,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  readonly stdin?: string | Uint8Array
  readonly onStdout?: (chunk: string) => void
  readonly onStderr?: (chunk: string) => void
  /** Bytes kept of each stream in the result; default 1 MiB. */
  readonly maxOutputBytes?: number
}

export interface ExecResult {
  /** 124 after a timeout, 130 after an abort. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly outcome: 'exited' | 'timeout' | 'aborted'
}

/** Hosts that code in the sandbox may reach; an empty list is no network at all. `*.example.org` is allowed. */
export interface EgressPolicy {
  readonly allowHosts: readonly string[]
}

/**
 * - `not_listed`: not in the egress policy.
 * - `no_address`: its name leads nowhere, or only to addresses that are never reached.
 * - `no_answer`: allowed, but nobody answers there.
 */
export interface RefusedHost {
  readonly host: string
  readonly reason: 'not_listed' | 'no_address' | 'no_answer'
}

export interface CreateSandboxRequest {
  readonly runId: string
  /** The sandbox dies by itself after this long without `extend`. */
  readonly timeoutMs: number
  readonly egress: EgressPolicy
  /** Stops the wait for it. A sandbox that is made all the same is ended. */
  readonly signal?: AbortSignal
  /** Told, once per reason, why it takes longer: for people. */
  readonly onWait?: (message: string) => void
}

export interface SandboxInfo {
  readonly id: string
  readonly runId: string
  readonly startedAt: Date
}

export interface SandboxProvider {
  readonly kind: SandboxKind
  /** True when the sandbox can reach the repository's host by itself, so that it may clone with a read token. */
  readonly reachesGitHub: boolean
  /**
   * Waits while there is no room for another one.
   *
   * @throws {SandboxError} `unavailable`, or the signal's reason.
   */
  create(request: CreateSandboxRequest): Promise<Sandbox>
  /** @throws {SandboxError} class `gone` when it no longer exists. */
  attach(id: string): Promise<Sandbox>
  /**
   * Ends a sandbox of this deployment, whoever works with it. Nothing happens when there is none.
   *
   * @throws {SandboxError} `unreachable`
   */
  kill(id: string): Promise<void>
  /** Only sandboxes of this deployment, found by our own metadata. */
  list(query: { readonly deployment: string }): Promise<readonly SandboxInfo[]>
}

export type SandboxKind = 'e2b' | 'local' | 'unconfined'

/**
 * - `gone`: it no longer exists; everything in it is lost.
 * - `unreachable`: no answer; it may still be there, so it must not be replaced silently.
 * - `unavailable`: none can be had (not installed, quota, bad key); the message says what to do.
 * - `path_not_found`: no such regular file.
 * - `no_space`: the disk is full.
 */
export type SandboxErrorClass = 'gone' | 'unreachable' | 'unavailable' | 'path_not_found' | 'no_space'

export class SandboxError extends Error {
  readonly class: SandboxErrorClass

  constructor(errorClass: SandboxErrorClass, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'SandboxError'
    this.class = errorClass
  }
}
